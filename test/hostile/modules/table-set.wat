;; expect: ERR_MODULE_STATE
;; the table is state that no image holds
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0))
	(table $t 2 funcref)
	(elem $e func $f)
	(func $f)
	(func (table.set $t (i32.const 0) (ref.func $f))))
