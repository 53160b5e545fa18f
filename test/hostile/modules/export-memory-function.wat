;; expect: ERR_MODULE_EXPORT
(module
	(memory 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0))
	(func (export "memory")))
