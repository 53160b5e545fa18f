;; expect: ERR_MODULE_STATE
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0))
	(table $t 2 funcref)
	(elem $e func $f)
	(func $f)
	(func (table.copy (i32.const 0) (i32.const 1) (i32.const 1))))
