// Package proc reads what processes used, from /proc.
package proc

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// ticksPerSecond of /proc/PID/stat: USER_HZ, which is 100 on every Linux that runs Go.
const ticksPerSecond = 100

// Tree gives a process and all that it started.
func Tree(pid int) []int {
	pids := []int{pid}
	for i := 0; i < len(pids); i++ {
		tasks, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pids[i]))
		for _, task := range tasks {
			children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pids[i], task.Name()))
			for _, child := range strings.Fields(string(children)) {
				if number, err := strconv.Atoi(child); err == nil {
					pids = append(pids, number)
				}
			}
		}
	}
	return pids
}

// CPUSeconds is the time that processes were on a processor, in user and kernel mode.
func CPUSeconds(pids []int) (seconds float64) {
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		text := string(stat)
		fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
		for _, ticks := range fields[11:13] {
			number, _ := strconv.ParseFloat(ticks, 64)
			seconds += number / ticksPerSecond
		}
	}
	return seconds
}

// ResidentMiB is the memory that processes hold now, and the most that they held.
func ResidentMiB(pids []int) (now, peak float64) {
	for _, pid := range pids {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		for line := range strings.Lines(string(status)) {
			fields := strings.Fields(line)
			if len(fields) < 2 {
				continue
			}
			kibibytes, _ := strconv.ParseFloat(fields[1], 64)
			switch fields[0] {
			case "VmRSS:":
				now += kibibytes / 1024
			case "VmHWM:":
				peak += kibibytes / 1024
			}
		}
	}
	return now, peak
}
