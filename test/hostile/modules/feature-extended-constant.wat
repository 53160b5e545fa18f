;; expect: ERR_MODULE_FEATURE
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0))
	(global i32 (i32.add (i32.const 1) (i32.const 2))))
