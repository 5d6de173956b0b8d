/* Normally distributed random numbers from uniform ones. */
#pragma once
#include "math.h"

/*
 * The quantile function of the normal distribution, which turns a uniform number into a normal one. Wichura: "Algorithm
 * AS 241: the percentage points of the normal distribution", 1988; PPND7, error below 1e-7.
 */
static inline double normal_quantile(double p) {
  const double q = p - 0.5;
  if (q <= 0.425 && q >= -0.425) {
    const double r = 0.180625 - q * q;
    return q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
           (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1);
  }
  double r = __builtin_sqrt(-logarithm(q < 0 ? p : 1 - p)), size;
  if (r <= 5) {
    r -= 1.6;
    size = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
           ((0.12021132975 * r + 0.73700164250) * r + 1);
  } else {
    r -= 5;
    size = (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150) /
           ((0.012258202635 * r + 0.24197894225) * r + 1);
  }
  return q < 0 ? -size : size;
}

/* A normal number from 32 random bits, via the midpoint of one of 2³² intervals, which is neither 0 nor 1. */
static inline double normal(uint32_t bits) { return normal_quantile((bits + 0.5) * 0x1p-32); }
