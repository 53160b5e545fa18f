package main

import (
	"fmt"
	"math/bits"
)

type column struct {
	data uint32
	kind byte
}

type table struct {
	capacity, gen, used uint32
	columns             []column
}

// layout is where a module keeps its state: what a host needs of the descriptor (docs/abi.md).
type layout struct {
	ctx, inbox uint32
	tickRate   uint16
	tables     []table
}

func readLayout(memory []byte, at uint32) layout {
	u32 := func(at uint32) uint32 { return le.Uint32(memory[at:]) }
	u16 := func(at uint32) uint32 { return uint32(le.Uint16(memory[at:])) }
	found := layout{ctx: u32(at + 20), inbox: u32(at + 28), tickRate: uint16(u16(at + 72))}
	for t := range u16(at + 48) {
		about := u32(at+44) + t*u16(at+50)
		next := table{capacity: u32(about + 4), gen: u32(about + 8), used: u32(about + 12)}
		for c := range u16(about + 20) {
			field := u32(about+16) + c*u16(about+22)
			next.columns = append(next.columns, column{u32(field + 4), memory[field+8]})
		}
		found.tables = append(found.tables, next)
	}
	return found
}

type mixer struct{ a, b uint32 }

func (m *mixer) mix(word uint32) {
	k := bits.RotateLeft32(word*0xcc9e2d51, 15) * 0x1b873593
	m.a = bits.RotateLeft32(m.a^k, 13)*5 + 0xe6546b64
	m.b = bits.RotateLeft32(m.b^(word*0x85ebca6b), 11)*9 + 0x38b34ae5
}

func finish(x uint32) uint32 {
	x = (x ^ x>>16) * 0x85ebca6b
	x = (x ^ x>>13) * 0xc2b2ae35
	return x ^ x>>16
}

// Codes of types: u8 i8 u16 i16 u32 i32 u64 i64 f32 f64 bool.
const (
	f32 = 8
	f64 = 9
)

func (m *mixer) value(memory []byte, c column, row uint32) {
	switch c.kind {
	case 0, 10:
		m.mix(uint32(memory[c.data+row]))
	case 1:
		m.mix(uint32(int8(memory[c.data+row])))
	case 2:
		m.mix(uint32(le.Uint16(memory[c.data+row*2:])))
	case 3:
		m.mix(uint32(int16(le.Uint16(memory[c.data+row*2:]))))
	case 4, 5, f32:
		word := le.Uint32(memory[c.data+row*4:])
		if c.kind == f32 && word&0x7fffffff > 0x7f800000 {
			word = 0x7fc00000
		}
		m.mix(word)
	default:
		word := le.Uint64(memory[c.data+row*8:])
		if c.kind == f64 && word&0x7fffffffffffffff > 0x7ff0000000000000 {
			word = 0x7ff8000000000000
		}
		m.mix(uint32(word))
		m.mix(uint32(word >> 32))
	}
}

// stateHash is the one of docs/abi.md, 16 hex digits.
func stateHash(memory []byte, l *layout, nextTick uint32) string {
	m := mixer{0x9747b28c, 0x2c1b3c6d}
	m.mix(nextTick)
	for i := range uint32(4) {
		m.mix(le.Uint32(memory[l.ctx+20+i*4:]))
	}
	for _, t := range l.tables {
		used := min(le.Uint32(memory[t.used:]), t.capacity)
		gen := func(row uint32) uint32 { return uint32(le.Uint16(memory[t.gen+row*2:])) }
		for row := range used {
			if gen(row) != 0 {
				m.mix(row)
				m.mix(gen(row))
			}
		}
		for _, c := range t.columns {
			for row := range used {
				if gen(row) != 0 {
					m.value(memory, c, row)
				}
			}
		}
	}
	return fmt.Sprintf("%08x%08x", finish(m.a), finish(m.b))
}
