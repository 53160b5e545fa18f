;; expect: ERR_MODULE_GLOBAL
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0))
	(global (mut funcref) (ref.null func)))
