;; expect: fuel
;; the host does the work
(module
	(import "hotstep" "log" (func $log (param i32 i32 i32)))
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func $tick (export "hs_tick") (result i32)
		(loop $again
			(call $log (i32.const 0) (i32.const 0) (i32.const 512))
			(br $again))
		(i32.const 0)))
