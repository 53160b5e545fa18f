;; expect: ERR_MODULE_IMPORT
(module
	(import "env" "memory" (memory 1 16))
	(export "memory" (memory 0))
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0)))
