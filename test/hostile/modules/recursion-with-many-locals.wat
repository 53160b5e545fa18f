;; expect: stack
;; few calls fill the stack
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func $tick (export "hs_tick") (result i32)
		(call $deep)
		(i32.const 0))
	(func $deep (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
		(local.set 3 (i64.load (i32.const 0)))
		(call $deep)
		(i64.store (i32.const 8) (local.get 3))))
