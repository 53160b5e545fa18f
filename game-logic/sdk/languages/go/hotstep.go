// Package hs is what every Hotstep game in Go has; layout.go beside this file adds the tables, the inputs and the
// events of the schema.
package hs

import (
	"encoding/binary"
	"iter"
	"math"
	"runtime"
	"strconv"
	"strings"
	"unsafe"
)

// Rules are what a game does. All but Tick may be nil.
type Rules struct {
	Init     func()
	Join     func(player int, name string)
	Leave    func(player int)
	Tick     func()
	Migrated func(fromVersion int)
	// Check says whether the state is sound: 0 if it is. It is called on copies, in trials.
	Check func() int
}

var rules Rules

// Use tells the package what the rules are: func init() { hs.Use(hs.Rules{Tick: tick}) }.
func Use(given Rules) { rules = given }

// The ctx struct of the ABI, 64 bytes: the host writes it before every tick.
type context struct {
	tick, inboxLength, outboxLength, flags uint32
	dt                                     float32
	random                                 [4]uint32
	outboxDropped                          uint32
	kept                                   [6]uint32
}

var ctx context

// Tick is the number of the tick being computed, from 0.
func Tick() uint32 { return ctx.tick }

// Dt is the length of a tick in seconds.
func Dt() float32 { return ctx.dt }

// Predicting is true while a client predicts: the world holds only what the server has shown.
func Predicting() bool { return ctx.flags&1 != 0 }

// Level says how much a line of the log matters.
type Level int32

const (
	Debug Level = iota
	Info
	Warn
	Error
)

//go:wasmimport hotstep log
func hostLog(level int32, text unsafe.Pointer, bytes int32)

// LogAt writes a line to the server's log. Lines are cut at 512 bytes and limited per tick by the host.
func LogAt(level Level, text string) {
	hostLog(int32(level), unsafe.Pointer(unsafe.StringData(text)), int32(min(len(text), 512)))
}

// Log writes a line of level Info.
func Log(text string) { LogAt(Info, text) }

func rotl(x uint32, n int) uint32 { return x<<n | x>>(32-n) }

// xoshiro128** 1.1 by Blackman and Vigna (public domain); its four words live in ctx, seeded by the host.
func randomBits() uint32 {
	s := &ctx.random
	result := rotl(s[1]*5, 7) * 9
	t := s[1] << 9
	s[2] ^= s[0]
	s[3] ^= s[1]
	s[1] ^= s[2]
	s[0] ^= s[3]
	s[2] ^= t
	s[3] = rotl(s[3], 11)
	return result
}

// Random is a number from 0 up to but not including 1, of 24 bits.
func Random() float32 { return float32(randomBits()>>8) * (1.0 / 16777216.0) }

func RandomBetween(least, most float32) float32 { return least + (most-least)*Random() }

// RandomInt is a whole number from 0 up to but not including n, which must be above 0.
func RandomInt(n int) int { return int(uint64(randomBits()) * uint64(uint32(n)) >> 32) }

// RandomAt follows from the tick and key alone: a client that predicts draws the same, and anybody could.
func RandomAt(key uint32) float32 {
	z := ctx.tick*0x9e3779b9 + key*0x85ebca6b
	z = (z ^ z>>16) * 0x85ebca6b
	z = (z ^ z>>13) * 0xc2b2ae35
	z ^= z >> 16
	return float32(z>>8) * (1.0 / 16777216.0)
}

// Floats as one instruction each.

func Sqrt(x float32) float32  { return float32(math.Sqrt(float64(x))) }
func Floor(x float32) float32 { return float32(math.Floor(float64(x))) }
func Ceil(x float32) float32  { return float32(math.Ceil(float64(x))) }

// Nearest is the nearest whole number, of two the even one.
func Nearest(x float32) float32 { return float32(math.RoundToEven(float64(x))) }

// Appends a record to the outbox; nil when it is full.
func appendRecord(kind, target uint8, size uint32, player, extra int) []byte {
	padded := (size + 3) &^ 3
	length := ctx.outboxLength
	if length+padded > uint32(len(outbox)) {
		ctx.outboxDropped++
		return nil
	}
	record := outbox[length : length+padded]
	record[0], record[1] = kind, target
	binary.LittleEndian.PutUint16(record[2:], uint16(padded))
	binary.LittleEndian.PutUint16(record[4:], uint16(player))
	binary.LittleEndian.PutUint16(record[6:], uint16(extra))
	ctx.outboxLength = length + padded
	return record[8:]
}

// Refuse turns away a player who joined in this tick; reason is a number that the client is told.
func Refuse(player, reason int) { appendRecord(2, 0, 8, player, reason) }

// Kick removes a player from the room; reason is a number that the client is told.
func Kick(player, reason int) { appendRecord(3, 0, 8, player, reason) }

func put[T any](at []byte, offset int, value T) { *(*T)(unsafe.Pointer(&at[offset])) = value }
func get[T any](at []byte, offset int) T        { return *(*T)(unsafe.Pointer(&at[offset])) }

// Both follow from gen. used: rows at or above it are free; hint: no row below it is free.
type state struct{ used, hint uint32 }

func (s *state) spawn(gen []uint16) int {
	row := 0
	// a host that predicts puts rows here and takes them away between two ticks
	if !Predicting() {
		row = int(s.hint)
	}
	for row < len(gen) && gen[row] != 0 {
		row++
	}
	s.hint = uint32(min(row+1, len(gen)))
	if row >= len(gen) {
		return -1
	}
	// two occupants of one row never share a tick of birth, so the tick tells them apart
	gen[row] = uint16(1 + ctx.tick%65535)
	s.used = max(s.used, uint32(row+1))
	return row
}

func (s *state) free(gen []uint16, row int) {
	gen[row] = 0
	s.hint = min(s.hint, uint32(row))
	for s.used > 0 && gen[s.used-1] == 0 {
		s.used--
	}
}

func (s *state) rows(gen []uint16) iter.Seq[int] {
	return func(visit func(int) bool) {
		for row := 0; row < int(s.used); row++ {
			if gen[row] != 0 && !visit(row) {
				return
			}
		}
	}
}

// Ticks of age that reach back at most; what is no number counts as 0.
func within(age float32, slots int) float32 {
	if !(age > 0) {
		return 0
	}
	return min(age, float32(slots))
}

// The place of the value age ticks ago among all copies, or -1 for what the column holds now.
func pastPlace(stamps []uint32, gens []uint16, row int, gen uint16, age float32) int {
	slots := len(stamps)
	before := int32(Ceil(within(age, slots)))
	if before == 0 {
		return -1
	}
	now := int32(ctx.tick)
	// of a row that is younger, the oldest value that is known
	for tick := max(now-before, 0); tick < now; tick++ {
		slot := int(tick) % slots
		at := slot*(len(gens)/slots) + row
		if stamps[slot] == uint32(tick)+1 && gens[at] == gen {
			return at
		}
	}
	return -1
}

// Between two ticks: how much of the way from the one to the other.
func pastPart(age float32, slots int) float32 {
	back := within(age, slots)
	return Ceil(back) - back
}

func address(of unsafe.Pointer) uint32 { return uint32(uintptr(of)) }

// Runs a part of the rules; a panic is told with its places in the game's own files, and fails the tick.
func guarded(run func()) (status int32) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		status = 1
		text := "panic"
		switch one := cause.(type) {
		case error:
			text = one.Error()
		case string:
			text = one
		}
		LogAt(Error, text)
		var callers [32]uintptr
		frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
		for told := 0; told < 8; {
			frame, more := frames.Next()
			if strings.HasPrefix(frame.Function, "main.") {
				LogAt(Error, "  at "+frame.Function+" ("+frame.File+":"+strconv.Itoa(frame.Line)+")")
				told++
			}
			if !more {
				return
			}
		}
	}()
	run()
	return 0
}

//go:wasmexport hs_describe
func describe() uint32 { return address(unsafe.Pointer(&descriptor)) }

//go:wasmexport hs_init
func initialise() int32 {
	ctx.outboxLength = 0
	if rules.Init == nil {
		return 0
	}
	return guarded(rules.Init)
}

//go:wasmexport hs_migrated
func migrated(fromVersion int32) int32 {
	ctx.outboxLength = 0
	forgetFreeRows()
	if rules.Migrated == nil {
		return 0
	}
	return guarded(func() { rules.Migrated(int(fromVersion)) })
}

//go:wasmexport hs_check
func check() (status int32) {
	if rules.Check == nil {
		return 0
	}
	failed := guarded(func() { status = int32(rules.Check()) })
	return max(status, failed)
}

//go:wasmexport hs_tick
func tick() int32 {
	ctx.outboxLength = 0
	return guarded(wholeTick)
}

// Names lie in memory of the seats: one that was allocated for each join would stay until Go collects, hours later.
var names [MaxPlayers][nameBytes]byte

// A player's name, which holds as long as the player has the seat.
func nameOf(player int, bytes []byte) string {
	seat := &names[player]
	length := copy(seat[:], bytes)
	return unsafe.String(&seat[0], length)
}

func wholeTick() {
	for at := uint32(0); at < ctx.inboxLength; {
		record := inbox[at:]
		player := int(binary.LittleEndian.Uint16(record[4:]))
		switch record[0] {
		case 1:
			clearInput(player)
			if rules.Join != nil {
				rules.Join(player, nameOf(player, record[8:8+int(binary.LittleEndian.Uint16(record[6:]))]))
			}
		case 2:
			if rules.Leave != nil {
				rules.Leave(player)
			}
		case 3:
			applyInput(player, record)
		}
		at += uint32(binary.LittleEndian.Uint16(record[2:]))
	}
	rules.Tick()
	remember()
}
