;; expect: ERR_MODULE_IMPORT
(module
	(import "wasi_snapshot_preview1" "fd_fly" (func (param i32) (result i32)))
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0)))
