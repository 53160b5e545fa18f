// Runs a match file in wazero: wazero-host MATCH [TICK IMAGE]
package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

func main() {
	fmt.Println("engine wazero", wazeroVersion())
	if err := run(); err != nil {
		fmt.Println("fail", strings.ReplaceAll(err.Error(), "\n", " "))
	}
}

func run() error {
	file, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	match, err := readMatch(file)
	if err != nil {
		return err
	}
	imageTick := int64(-1)
	if len(os.Args) > 3 {
		if imageTick, err = strconv.ParseInt(os.Args[2], 10, 64); err != nil {
			return err
		}
	}

	start := time.Now()
	ctx := context.Background()
	runtime := wazero.NewRuntime(ctx)
	defer runtime.Close(ctx)
	if err := addImports(ctx, runtime); err != nil {
		return err
	}
	game, err := runtime.InstantiateWithConfig(ctx, match.module, wazero.NewModuleConfig().WithStartFunctions())
	if err != nil {
		return err
	}
	fuel := game.ExportedGlobal("hs:fuel").(api.MutableGlobal)
	call := func(name string, budget uint32) (uint32, error) {
		function := game.ExportedFunction(name)
		if function == nil {
			return 0, nil
		}
		if budget > 0 {
			fuel.Set(uint64(budget))
		}
		results, err := function.Call(ctx)
		if err != nil || len(results) == 0 {
			return 0, err
		}
		return uint32(results[0]), nil
	}
	// all of memory, where it is: a module may have grown it
	memory := func() []byte {
		bytes, _ := game.Memory().Read(0, game.Memory().Size())
		return bytes
	}

	fuel.Set(uint64(match.startFuel))
	if _, err := call("_initialize", 0); err != nil {
		return err
	}
	descriptor, err := call("hs_describe", 0)
	if err != nil {
		return err
	}
	about := readLayout(memory(), descriptor)
	writeContext := func(tick, inboxBytes uint32) {
		at := memory()[about.ctx:]
		le.PutUint32(at, tick)
		le.PutUint32(at[4:], inboxBytes)
		le.PutUint32(at[8:], 0)
		le.PutUint32(at[16:], math.Float32bits(float32(1/float64(about.tickRate))))
	}
	if match.startsFromImage {
		restoreImage(game, match)
	} else {
		for i, word := range seedWords(match.seed) {
			le.PutUint32(memory()[about.ctx+20+uint32(i)*4:], word)
		}
		writeContext(0, 0)
		if status, err := call("hs_init", match.startFuel); err != nil || status != 0 {
			return fmt.Errorf("hs_init: %d, %v", status, err)
		}
	}
	fmt.Println("start", time.Since(start).Nanoseconds())

	var spent time.Duration
	ticks := 0
	tickFunction := game.ExportedFunction("hs_tick")
	stack := make([]uint64, 1)
	for {
		tick, inbox, found := match.nextTick()
		if !found {
			break
		}
		from := time.Now()
		copy(memory()[about.inbox:], inbox)
		writeContext(tick, uint32(len(inbox)))
		fuel.Set(uint64(match.fuelPerTick))
		if err := tickFunction.CallWithStack(ctx, stack); err != nil || uint32(stack[0]) != 0 {
			return fmt.Errorf("hs_tick: %d, %v in tick %d", uint32(stack[0]), err, tick)
		}
		spent += time.Since(from)
		used := int32(match.fuelPerTick) - int32(fuel.Get())
		fmt.Println("tick", tick, stateHash(memory(), &about, tick+1), used)
		ticks++
		if int64(tick) == imageTick {
			if err := os.WriteFile(os.Args[3], imageOf(game, memory(), match.globals), 0o644); err != nil {
				return err
			}
			break
		}
	}
	fmt.Println("end", ticks, spent.Nanoseconds())
	return nil
}

// addImports offers what a module may import: neither gives it a value, and an abort ends the call like a trap.
func addImports(ctx context.Context, runtime wazero.Runtime) error {
	abort := func(message, file, line, column uint32) { panic("the module aborted") }
	log := func(level, address, bytes uint32) {}
	env := runtime.NewHostModuleBuilder("env").NewFunctionBuilder().WithFunc(abort).Export("abort")
	if _, err := env.Instantiate(ctx); err != nil {
		return err
	}
	hotstep := runtime.NewHostModuleBuilder("hotstep").NewFunctionBuilder().WithFunc(log).Export("log")
	_, err := hotstep.Instantiate(ctx)
	return err
}

func globalOf(game api.Module, i int) api.MutableGlobal {
	return game.ExportedGlobal(fmt.Sprint("hs:g", i)).(api.MutableGlobal)
}

// restoreImage puts memory and mutable globals back as they were saved.
func restoreImage(game api.Module, m *match) {
	if missing := int64(len(m.memory)) - int64(game.Memory().Size()); missing > 0 {
		game.Memory().Grow(uint32(missing / 65536))
	}
	game.Memory().Write(0, m.memory)
	for i := range len(m.globals) / 16 {
		globalOf(game, i).Set(le.Uint64(m.globals[i*16+8:]))
	}
}

// imageOf is memory, then 8 bytes for each global.
func imageOf(game api.Module, memory, globals []byte) []byte {
	image := append([]byte{}, memory...)
	for i := range len(globals) / 16 {
		image = le.AppendUint64(image, globalOf(game, i).Get())
	}
	return image
}

func wazeroVersion() string {
	info, _ := debug.ReadBuildInfo()
	for _, dependency := range info.Deps {
		if dependency.Path == "github.com/tetratelabs/wazero" {
			return dependency.Version
		}
	}
	return ""
}
