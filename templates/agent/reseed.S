# kvmcloud-reseed: mixes its standard input (at most 256 bytes) into the kernel's random pool, counts it as 384 bits and makes the
# generator begin anew from the pool. A copy of a machine has its generator's state too: written to /dev/urandom, new entropy
# would show in its output a minute later. The ioctls are those of random(4), and no shell can call them.
# Exit status 0 when both were done. Assembled once, the bytes are beside this file (templates/test checks that they are these):
#   as -o reseed.o reseed.S && ld -n -s --build-id=none -z noseparate-code -o kvmcloud-reseed reseed.o
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
        mov     $2, %eax                # open("/dev/urandom", O_RDWR)
        lea     device(%rip), %rdi
        mov     $2, %esi
        syscall
        test    %eax, %eax
        js      fail
        mov     %eax, %ebx
        mov     $16, %eax               # ioctl(device, RNDADDENTROPY, struct)
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
        xor     %edi, %edi
        jmp     leave
fail:
        mov     $1, %edi
leave:
        mov     $60, %eax               # exit(status)
        syscall
device:
        .asciz  "/dev/urandom"
