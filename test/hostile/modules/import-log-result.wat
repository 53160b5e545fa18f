;; expect: ERR_MODULE_IMPORT
;; a result would let the host tell the module something
(module
	(import "hotstep" "log" (func (param i32 i32 i32) (result i32)))
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0)))
