package program

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMain is, with a variable, a process whose terminal a program reads from.
func TestMain(m *testing.M) {
	if os.Getenv("PROGRAM_TEST_TERMINAL") == "" {
		os.Exit(m.Run())
	}
	var out bytes.Buffer
	p := Program{Args: []string{"sh", "-c", "stty -echo </dev/tty; read x </dev/tty; echo got $x"}, Time: 10 * time.Second, Asks: true}
	err := p.Run(context.Background(), func(cmd *exec.Cmd) { cmd.Stdout = &out })
	fmt.Printf("program: %q %v\n", out.String(), err)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	state, stateErr := unix.IoctlGetTermios(0, unix.TCGETS)
	fmt.Printf("then: %q %v, echo %v\n", line, err, stateErr == nil && state.Lflag&unix.ECHO != 0)
}

// TestTerminal has a program ask on the terminal, which is ours again afterwards, as
// it was.
func TestTerminal(t *testing.T) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer master.Close()
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer tty.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PROGRAM_TEST_TERMINAL=1")
	cmd.Stdin = tty
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() }).Stop()
	go func() { // what is shown
		for b := make([]byte, 1000); ; {
			if _, err := master.Read(b); err != nil {
				return
			}
		}
	}()
	lines := bufio.NewReader(out)
	for _, c := range []struct{ typed, want string }{
		{"secret\n", `program: "got secret\n" <nil>`},
		{"more\n", `then: "more\n" <nil>, echo true`},
	} {
		master.WriteString(c.typed)
		got, err := lines.ReadString('\n')
		if strings.TrimSpace(got) != c.want {
			t.Errorf("got %q, %v, want %q", got, err, c.want)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
