import statistics as s

data = [2, 4, 4, 4, 5, 5, 7, 9]
print(s.mean(data), s.fmean(data), s.median(data), s.median_low(data), s.median_high([1, 2, 3, 4]), s.mode(data), s.multimode("aabb"), s.pstdev(data), round(s.stdev(data), 10), s.pvariance(data), round(s.variance(data), 10))
print(s.quantiles(range(1, 11), n=4), round(s.geometric_mean([1, 10, 100]), 10), s.harmonic_mean([40, 60]), round(s.correlation([1, 2, 3], [2, 4, 7]), 10), s.linear_regression([1, 2, 3], [2, 4, 6]).slope, s.median_grouped([1, 2, 2, 3]))
n = s.NormalDist(100, 15)
print(round(n.cdf(115), 10), round(n.inv_cdf(0.5), 6), (n + 5).mean, s.NormalDist.from_samples([1, 2, 3]).mean)
try:
    s.mean([])
except s.StatisticsError as error:
    print(type(error).__name__)

# ---
# stdout:
#   5 5.0 4.5 4 3 4 ['a', 'b'] 2.0 2.1380899353 4 4.5714285714
#   [2.75, 5.5, 8.25] 10.0 48.0 0.9933992678 2.0 2.0
#   0.8413447461 100.0 105.0 2.0
#   StatisticsError
