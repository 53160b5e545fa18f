;; expect: stack
;; two functions call each other indirectly
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func $tick (export "hs_tick") (result i32)
		(call $ping (i32.const 1))
		(i32.const 0))
	(type $step (func (param i32)))
	(table 2 funcref)
	(elem (i32.const 0) $ping $pong)
	(func $ping (param i32) (call_indirect (type $step) (local.get 0) (i32.const 1)))
	(func $pong (param i32) (call_indirect (type $step) (local.get 0) (i32.const 0))))
