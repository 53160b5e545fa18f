;; expect: ERR_MODULE_GLOBAL
;; JavaScript cannot read it
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0))
	(global (mut v128) (v128.const i64x2 0 0)))
