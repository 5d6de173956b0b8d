"""What scipy says of statistics: writes expected/statistics.json. Run with any Python that has scipy."""
import json
from pathlib import Path

import numpy as np
from scipy import stats

groups = [[0.91, 0.92, 0.905, 0.93, 0.915], [0.935, 0.94, 0.928, 0.951]]
apart = [[0.61, 0.64, 0.6, 0.66], [0.81, 0.85, 0.79], [0.7, 0.8, 0.75, 0.74, 0.71]]
ties = [[1, 2, 2, 3], [2, 3, 5, 5, 5], [9, 9, 5]]


def interval(values):
    n = len(values)
    return [np.mean(values), np.std(values, ddof=1), stats.sem(values) * stats.t.ppf(0.975, n - 1)]


def binomial(b, c):
    test = getattr(stats, 'binomtest', None)
    return test(b, b + c, 0.5).pvalue if test else stats.binom_test(b, b + c, 0.5)


def eta(groups):
    h = stats.kruskal(*groups).statistic
    n, k = sum(map(len, groups)), len(groups)
    return max(0, (h - k + 1) / (n - k))


Path(__file__).with_name('expected').joinpath('statistics.json').write_text(json.dumps({
    'intervals': [interval(values) for values in groups],
    'welch': stats.ttest_ind(*groups, equal_var=False).pvalue,
    'mcnemar': [[b, c, binomial(b, c)] for b, c in [(1, 9), (10, 20), (4, 4), (0, 1), (121, 59), (500, 612)]],
    'cdf': [[t, v, stats.t.cdf(t, v)] for t, v in [(0.5, 1), (-2, 3.7), (12, 2), (1.96, 1000)]],
    'quantile': [[p, v, stats.t.ppf(p, v)] for p, v in [(0.975, 1), (0.975, 2), (0.995, 9), (0.1, 4.5)]],
    'eta': [[groups, eta(groups)] for groups in [apart, ties]],
    'groups': groups,
}) + '\n')
