;; expect: ERR_MODULE_TABLE
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0))
	(table 1 funcref)
	(table 1 funcref))
