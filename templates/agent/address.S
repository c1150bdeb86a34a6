# kvmcloud-address: gives the network card eth0 of a copied machine what is its own, in one small program instead of several large ones.
# Its standard input is `MAC ADDRESS NETMASK GATEWAY`, as in `52:54:00:12:34:56 10.0.2.15 255.255.255.0 10.0.2.2` (hexadecimal digits
# in lower case). Up is the card last, then the default route is set. Exit status 0 when all was done.
# Assembled once, the bytes are beside this file (templates/test checks that they are these):
#   as -o address.o address.S && ld -n -s --build-id=none -z noseparate-code -o kvmcloud-address address.o
        .equ    input, 0                # on the stack: 256 bytes
        .equ    ifreq, 256              # netdevice(7): name, 16 bytes; then one of
        .equ    family, ifreq+16        #   a struct sockaddr
        .equ    mac, family+2
        .equ    ipv4, family+4
        .equ    flags, family           #   flags
        .equ    rtentry, 320            # <linux/route.h>
        .equ    to, rtentry+8           #   a struct sockaddr each
        .equ    gateway, rtentry+24
        .equ    netmask, rtentry+40
        .equ    rtflags, rtentry+56
        .globl _start
        .text
_start:
        sub     $512, %rsp
        mov     %rsp, %rdi
        mov     $64, %ecx
        xor     %eax, %eax
        rep stosq
        xor     %edi, %edi              # read(0, input, 255)
        lea     input(%rsp), %rsi
        mov     $255, %edx
        syscall
        test    %eax, %eax
        jle     fail
        mov     $41, %eax               # socket(AF_INET, SOCK_DGRAM, 0)
        mov     $2, %edi
        mov     $2, %esi
        xor     %edx, %edx
        syscall
        test    %eax, %eax
        js      fail
        mov     %eax, %ebp
        lea     input(%rsp), %rbx       # what is not read yet
        movl    $0x30687465, ifreq(%rsp) # eth0

        lea     mac(%rsp), %rdi
        mov     $6, %ecx
        mov     $16, %r8d
        call    numbers
        movw    $1, family(%rsp)        # ARPHRD_ETHER
        lea     ifreq(%rsp), %rdx
        mov     $0x8924, %esi           # SIOCSIFHWADDR
        call    set

        movw    $2, family(%rsp)        # AF_INET
        mov     $10, %r8d
        movw    $0, mac(%rsp)           # a port, in this kind of address
        lea     ipv4(%rsp), %rdi
        mov     $4, %ecx
        call    numbers
        mov     $0x8916, %esi           # SIOCSIFADDR
        call    set

        lea     ipv4(%rsp), %rdi
        mov     $4, %ecx
        call    numbers
        mov     $0x891c, %esi           # SIOCSIFNETMASK
        call    set

        movl    $0x1001, flags(%rsp)    # IFF_UP, IFF_MULTICAST
        mov     $0x8914, %esi           # SIOCSIFFLAGS
        call    set

        movw    $2, to(%rsp)            # 0.0.0.0, of
        movw    $2, netmask(%rsp)       # 0.0.0.0: everything
        movw    $2, gateway(%rsp)
        lea     gateway+4(%rsp), %rdi
        mov     $4, %ecx
        call    numbers
        movw    $3, rtflags(%rsp)       # RTF_UP, RTF_GATEWAY
        lea     rtentry(%rsp), %rdx
        mov     $0x890b, %esi           # SIOCADDRT
        call    set
        xor     %edi, %edi
        jmp     leave

# numbers: reads %ecx numbers to the base %r8d at %rbx, a character behind each, into the bytes at %rdi.
numbers:
        xor     %eax, %eax
digit:
        movzbl  (%rbx), %esi
        inc     %rbx
        sub     $'0', %esi
        cmp     $9, %esi
        jbe     add
        sub     $'a'-'0'-10, %esi
        cmp     $15, %esi
        ja      number
add:
        imul    %r8d, %eax
        add     %esi, %eax
        jmp     digit
number:
        stosb
        dec     %ecx
        jnz     numbers
        ret

# set: ioctl(socket, %esi, %rdx), or the end.
set:
        mov     $16, %eax
        mov     %ebp, %edi
        syscall
        test    %eax, %eax
        js      fail
        ret
fail:
        mov     $1, %edi
leave:
        mov     $60, %eax               # exit(status)
        syscall
