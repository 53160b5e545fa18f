;; expect: ERR_MODULE_EXPORT
;; wants to give itself fuel
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0))
	(global (export "hs:fuel") (mut i32) (i32.const 2147483647)))
