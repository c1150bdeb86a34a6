# kvmcloud-wake: what a copied machine needs before all else, and what no shell can do, in one small program.
# Its standard input is `MILLISECONDS ENTROPY` (at most 256 bytes). It sets the clock: the uptime was 0 so many milliseconds after 1970
# began. Then, if at least 64 bytes follow, it mixes the input into the kernel's random pool, counts it as 384 bits, and makes the generator begin anew
# from the pool (random(4)). A copy has its generator's state too: entropy that is only written to /dev/urandom would show in its
# output a minute later. Exit status 0 when all was done.
# Assembled once, the bytes are beside this file (templates/test checks that they are these):
#   as -o wake.o wake.S && ld -n -s --build-id=none -z noseparate-code -o kvmcloud-wake wake.o
        .globl _start
        .text
_start:
        sub     $264, %rsp              # struct rand_pool_info: bits, bytes, the bytes
        xor     %eax, %eax              # read(0, bytes, 256)
        xor     %edi, %edi
        lea     8(%rsp), %rsi
        mov     $256, %edx
        syscall
        test    %eax, %eax
        jle     fail
        movl    $384, (%rsp)
        mov     %eax, 4(%rsp)
        mov     %eax, %ebx              # bytes not looked at
        xor     %eax, %eax              # the number so far
digit:
        movzbl  (%rsi), %ecx
        sub     $'0', %ecx
        cmp     $9, %ecx
        ja      clock
        imul    $10, %rax
        add     %rcx, %rax
        inc     %rsi
        dec     %ebx
        jnz     digit
clock:
        test    %rax, %rax
        jz      fail
        xor     %edx, %edx
        mov     $1000, %ecx
        div     %rcx
        imul    $1000000, %rdx
        push    %rdx                    # struct timespec
        push    %rax
        sub     $16, %rsp
        mov     $228, %eax              # clock_gettime(CLOCK_BOOTTIME, timespec)
        mov     $7, %edi
        mov     %rsp, %rsi
        syscall
        pop     %rax
        pop     %rdx
        add     %rax, (%rsp)
        add     %rdx, 8(%rsp)
        cmpq    $1000000000, 8(%rsp)
        jl      set
        subq    $1000000000, 8(%rsp)
        incq    (%rsp)
set:
        mov     $227, %eax              # clock_settime(CLOCK_REALTIME, timespec)
        xor     %edi, %edi
        mov     %rsp, %rsi
        syscall
        add     $16, %rsp
        test    %eax, %eax
        jnz     fail
        cmp     $64, %ebx
        jl      done
        mov     $2, %eax                # open("/dev/urandom", O_RDWR)
        lea     device(%rip), %rdi
        mov     $2, %esi
        syscall
        test    %eax, %eax
        js      fail
        mov     %eax, %ebx
        mov     $16, %eax               # ioctl(device, RNDADDENTROPY, rand_pool_info)
        mov     %ebx, %edi
        mov     $0x40085203, %esi
        mov     %rsp, %rdx
        syscall
        test    %eax, %eax
        jnz     fail
        mov     $16, %eax               # ioctl(device, RNDRESEEDCRNG)
        mov     %ebx, %edi
        mov     $0x5207, %esi
        syscall
        test    %eax, %eax
        jnz     fail
done:
        xor     %edi, %edi
        jmp     leave
fail:
        mov     $1, %edi
leave:
        mov     $60, %eax               # exit(status)
        syscall
device:
        .asciz  "/dev/urandom"
