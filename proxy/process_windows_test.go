package proxy_test

import "syscall"

func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

func limitFiles() {}

func hostOf([]string) int { return 99 }
