;; expect: ERR_MODULE_IMPORT
(module
	(import "hotstep" "log\00" (func (param i32 i32 i32)))
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0)))
