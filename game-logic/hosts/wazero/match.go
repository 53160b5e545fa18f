package main

import (
	"encoding/binary"
	"errors"
)

var le = binary.LittleEndian

// match is a match file (docs/engines.md): a sealed module, how it starts, the inbox of each tick.
type match struct {
	startsFromImage bool
	seed            uint32
	startFuel       uint32
	fuelPerTick     uint32
	module          []byte
	memory          []byte
	globals         []byte // each: u32 type (0 i32, 1 i64, 2 f32, 3 f64), u32 0, 8 bytes value
	ticks           []byte
}

func readMatch(file []byte) (*match, error) {
	if len(file) < 64 || string(file[:4]) != "HSX1" {
		return nil, errors.New("this is no match file")
	}
	u32 := func(at int) uint32 { return le.Uint32(file[at:]) }
	part := func(at int) []byte { return file[u32(at) : u32(at)+u32(at+4)] }
	return &match{
		startsFromImage: u32(8) == 1,
		seed:            u32(12),
		startFuel:       u32(16),
		fuelPerTick:     u32(20),
		module:          part(32),
		memory:          part(40),
		globals:         part(48),
		ticks:           part(56),
	}, nil
}

// nextTick takes one tick off the front.
func (m *match) nextTick() (tick uint32, inbox []byte, found bool) {
	if len(m.ticks) == 0 {
		return 0, nil, false
	}
	tick = le.Uint32(m.ticks)
	bytes := le.Uint32(m.ticks[4:])
	inbox = m.ticks[20 : 20+bytes]
	m.ticks = m.ticks[20+(bytes+3)&^3:]
	return tick, inbox, true
}

// seedWords gives the random state of a room: four words from its seed, by splitmix32.
func seedWords(state uint32) (words [4]uint32) {
	for i := range words {
		state += 0x9e3779b9
		z := (state ^ state>>16) * 0x85ebca6b
		z = (z ^ z>>13) * 0xc2b2ae35
		words[i] = z ^ z>>16
	}
	return words
}
