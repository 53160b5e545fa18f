;; expect: ERR_MODULE_IMPORT
;; a byte order mark, which decoders swallow
(module
	(import "hotstep" "\ef\bb\bflog" (func (param i32 i32 i32)))
	(memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func (export "hs_tick") (result i32) (i32.const 0)))
