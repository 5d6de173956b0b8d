/* What is written differently for each compiler. */
#pragma once

/* Before a loop of few turns, as many as the compiler knows: they are written out. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
