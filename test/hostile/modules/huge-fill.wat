;; expect: fuel
;; a length of 4 GiB less one, negative if read as signed: it is out of fuel before it is out of bounds
(module
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func $tick (export "hs_tick") (result i32)
		(memory.fill (i32.const 0) (i32.const 7) (i32.const -1))
		(i32.const 0)))
