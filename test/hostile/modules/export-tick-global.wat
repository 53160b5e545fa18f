;; expect: ERR_MODULE_EXPORT
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(global (export "hs_tick") i32 (i32.const 0)))
