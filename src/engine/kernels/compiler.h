/* Differences between compilers. */
#pragma once

/* UNROLL, before a loop with a constant, small number of iterations: unrolls it. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
