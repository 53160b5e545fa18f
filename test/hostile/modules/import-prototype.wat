;; expect: ERR_MODULE_IMPORT
;; a name that every object has
(module
	(import "constructor" "" (func))
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0)))
