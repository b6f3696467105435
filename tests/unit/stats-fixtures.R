#!/usr/bin/env Rscript
# SPDX-License-Identifier: MIT
#
# Expected values for the tests of bench/stats, computed by R's own functions or,
# where R has none, in another and slower way than there.
#
# To run it again (Debian: r-base-core, which nothing else here needs):
#
#	Rscript tests/unit/stats-fixtures.R >tests/unit/stats_fixtures.h
#
# The data are drawn from a fixed seed and rounded, so that both sides compute from
# the same numbers.

RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20250615)

number <- function(x) ifelse(is.na(x), "NAN", vapply(x, function(v) format(v, digits = 15), ""))
comment <- function(text) cat("\n/* ", text, " */\n", sep = "")
braces <- function(items)
	cat("= {\n", paste0("\t", strwrap(paste(items, collapse = ", "), 88), "\n"), "};\n", sep = "")
array_of <- function(name, x, type = "double") {
	cat("static const ", type, " ", name, "[] ", sep = "")
	braces(number(x))
}
# One line of several values each, whose C type is @fields.
table_of <- function(name, fields, rows) {
	cat("static const struct {", fields, "} ", name, "[] ", sep = "")
	braces(paste0("{", gsub(" ", "", rows), "}"))
}
scalar <- function(name, x) cat("static const double ", name, " = ", number(x), ";\n", sep = "")
interval <- function(name, estimate, bounds) array_of(name, c(estimate, bounds))

cat("/* SPDX-License-Identifier: MIT */\n")
cat("/* Made by stats-fixtures.R, which says how; not to be edited. */\n")
cat("#ifndef TESTS_STATS_FIXTURES_H\n#define TESTS_STATS_FIXTURES_H\n\n")
cat("#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n\n/* clang-format off */\n")

comment("quantile(type = 1) at the probabilities, qbinom(): ranks from 0, -1: none")
samples <- round(2000 + 40 * rexp(137))
probabilities <- c(0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999)
array_of("fx_samples", samples, "uint32_t")
array_of("fx_probabilities", probabilities)
array_of("fx_quantiles", quantile(samples, probabilities, type = 1, names = FALSE), "uint32_t")
ranks <- expand.grid(confidence = c(0.95, 0.99), q = c(0.5, 0.9, 0.99, 0.999),
	n = c(5, 6, 10, 20, 100, 367, 368, 3687, 3688, 10000, 100000))
low <- with(ranks, qbinom((1 - confidence) / 2, n, q) - 1)
high <- with(ranks, qbinom((1 + confidence) / 2, n, q))
none <- low < 0 | high >= ranks$n
table_of("fx_ranks", "size_t n; double q, confidence; long low, high; ",
	with(ranks, sprintf("%d, %g, %g, %d, %d", n, q, confidence, ifelse(none, -1, low), ifelse(none, -1, high))))

comment("aov(value ~ boot / run): mean squares to components; 5 boots of 4 runs of 6")
boots <- 5; runs <- 4; iterations <- 6
nested <- expand.grid(i = factor(1:iterations), r = factor(1:runs), b = factor(1:boots))
nested$y <- round(100 + rep(rnorm(boots, 0, 2), each = runs * iterations) +
	rep(rnorm(boots * runs), each = iterations) + rnorm(nrow(nested), 0, 0.5), 4)
ms <- summary(aov(y ~ b / r, nested))[[1]][["Mean Sq"]]
array_of("fx_nested", nested$y)
array_of("fx_nested_s2", c(ms[3], ms[2] / iterations, ms[1] / (runs * iterations)))
array_of("fx_nested_t2", c(ms[3], (ms[2] - ms[3]) / iterations, (ms[1] - ms[2]) / (runs * iterations)))

comment("t.test() of one sample, of paired ln ratios, Welch's of two; 95 %")
a <- round(rnorm(8, 1000, 12), 3)
b <- round(a * exp(rnorm(8, 0.012, 0.01)), 3)
c <- round(rnorm(5, 1030, 25), 3)
array_of("fx_a", a)
array_of("fx_b", b)
array_of("fx_c", c)
one <- t.test(a)
interval("fx_mean", one$estimate, one$conf.int)
pairs <- t.test(log(b), log(a), paired = TRUE)
interval("fx_paired", exp(pairs$estimate), exp(pairs$conf.int))
scalar("fx_paired_p", pairs$p.value)
scalar("fx_paired_sd", sd(log(b) - log(a)))

comment("Fieller: all r for which |mean(c) - r mean(a)| is within t standard errors, by search;\n * t.test()'s degrees of freedom")
se <- function(r) sqrt(var(c) / length(c) + r^2 * var(a) / length(a))
middle <- mean(c) / mean(a)
# Welch's degrees of freedom of c and of a as large as c are those at the estimate.
df <- t.test(c, middle * a)$parameter
outside <- function(r) abs(mean(c) - r * mean(a)) - qt(0.975, df) * se(r)
interval("fx_fieller", middle, c(uniroot(outside, c(middle / 2, middle), tol = 1e-14)$root,
	uniroot(outside, c(middle, middle * 2), tol = 1e-14)$root))
scalar("fx_fieller_p", t.test(c, a)$p.value)

comment("bootstrap of 16 boots of 3 runs: 200,000 resamples, paired and not")
boots <- 16; runs <- 3; resamples <- 200000
block <- rnorm(boots, 0, 0.01)
run_a <- matrix(round(1000 * (1 + rep(block + rnorm(boots, 0, 0.005), each = runs) + rnorm(boots * runs, 0, 0.004)), 3), runs)
run_b <- matrix(round(1010 * (1 + rep(block + rnorm(boots, 0, 0.005), each = runs) + rnorm(boots * runs, 0, 0.004)), 3), runs)
array_of("fx_runs_a", run_a)
array_of("fx_runs_b", run_b)
resampled <- function(m, chosen) {
	drawn <- m[cbind(sample.int(runs, length(chosen) * runs, TRUE), rep(chosen, each = runs))]
	colMeans(matrix(drawn, boots * runs))
}
for (paired in c(TRUE, FALSE)) {
	chosen_a <- sample.int(boots, boots * resamples, TRUE)
	chosen_b <- if (paired) chosen_a else sample.int(boots, boots * resamples, TRUE)
	df <- if (paired) boots - 1 else 2 * (boots - 1)
	tail <- pnorm(-qt(0.975, df) * sqrt(boots / (boots - 1)))
	interval(if (paired) "fx_boot_paired" else "fx_boot_unpaired", mean(run_b) / mean(run_a),
		quantile(resampled(run_b, chosen_b) / resampled(run_a, chosen_a), c(tail, 1 - tail)))
}

comment("wilcox.test(exact = TRUE) without ties")
x <- round(rnorm(30), 6)
y <- round(rnorm(30, 0.6), 6)
array_of("fx_x", x)
array_of("fx_y", y)
sizes <- rbind(c(4, 4), c(3, 3), c(1, 7), c(6, 9), c(10, 10), c(15, 15), c(30, 30))
p <- apply(sizes, 1, function(s) wilcox.test(x[1:s[1]], y[1:s[2]], exact = TRUE)$p.value)
table_of("fx_mann_whitney", "size_t na, nb; double p; ", paste(sizes[, 1], sizes[, 2], number(p), sep = ", "))

comment("with ties: all divisions enumerated")
tied_x <- c(3, 5, 5, 7, 9, 9, 9)
tied_y <- c(5, 9, 9, 11, 11, 12)
r <- rank(c(tied_x, tied_y))
sums <- combn(length(r), length(tied_x), function(i) sum(r[i]))
expected <- length(tied_x) * (length(r) + 1) / 2
array_of("fx_tied_x", tied_x)
array_of("fx_tied_y", tied_y)
scalar("fx_tied_p", mean(abs(sums - expected) >= abs(sum(r[seq_along(tied_x)]) - expected)))

comment("all changes of sign enumerated")
d <- round(rnorm(12, 0.6), 4)
flips <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(d))))
array_of("fx_d", d)
scalar("fx_sign_flip_p", mean(abs(flips %*% d) >= abs(sum(d)) - 1e-9))

comment("p.adjust(method = \"holm\")")
p <- c(0.21, 0.0004, 0.03, NA, 0.012, 0.03, 0.9, 0.0101, 0.007)
array_of("fx_p", p)
array_of("fx_holm", p.adjust(p, "holm"))
array_of("fx_fdr", p.adjust(p, "BH"))

comment("effect in sd: power of the t test by R's noncentral t, averaged over the sd it is printed from")
power_at <- function(k, n, alpha) integrate(function(q) {
	u <- sqrt(qchisq(q, n - 1) / (n - 1))
	pt(qt(1 - alpha / 2, n - 1), n - 1, ncp = k * u, lower.tail = FALSE)
}, 0, 1, rel.tol = 1e-9)$value
cases <- expand.grid(power = c(0.8, 0.9), alpha = c(0.05, 0.01), n = c(4, 5, 6, 10, 15, 30, 100))
cases <- subset(cases, n >= 6 | alpha == 0.05) # R's noncentral t ends at 37.6
mde <- with(cases, mapply(function(n, alpha, power) uniroot(function(k) power_at(k, n, alpha) - power,
	c(1, 10 + 60 / n), tol = 1e-10)$root / sqrt(n), n, alpha, power))
table_of("fx_mde", "size_t n; double alpha, power, mde; ", with(cases, paste(n, alpha, power, number(mde), sep = ", ")))

comment("power.t.test(): what a known sd needs, which an estimated one approaches")
array_of("fx_known_sd_pairs", sapply(c(0.05, 0.1, 0.2), function(effect)
	power.t.test(delta = effect, sd = 1, power = 0.8, type = "one.sample")$n))

comment("optimal partitioning, every segmentation's last change tried: O(n^2)")
partition <- function(x) {
	n <- length(x); shortest <- 5; penalty <- 4 * log(n)
	floor_of <- (1e-4 * mean(abs(x)))^2
	cost <- function(i, j) {
		v <- mean((x[i:j] - mean(x[i:j]))^2)
		(j - i + 1) * (log(max(v, floor_of)) + v / max(v, floor_of))
	}
	best <- c(-penalty, rep(Inf, n)); last <- rep(0, n + 1)
	for (j in shortest:n) for (i in 0:(j - shortest)) {
		candidate <- best[i + 1] + cost(i + 1, j) + penalty
		if (candidate < best[j + 1]) { best[j + 1] <- candidate; last[j + 1] <- i }
	}
	changes <- c(); j <- last[n + 1]
	while (j > 0) { changes <- c(j, changes); j <- last[j + 1] }
	changes
}
series <- list(
	steps = round(c(rnorm(40, 10), rnorm(25, 13), rnorm(7, 30), rnorm(50, 10)), 3),
	spread = round(c(rnorm(60, 100), rnorm(40, 100, 6)), 3),
	flat = c(rep(5, 20), rep(6, 20), rep(5, 5), rep(7, 6)),
	slope = round(seq(0, 30, length.out = 90) + rnorm(90), 3))
for (name in names(series)) {
	array_of(paste0("fx_", name), series[[name]])
	array_of(paste0("fx_", name, "_at"), partition(series[[name]]), "size_t")
}
cat("/* clang-format on */\n\n#endif /* TESTS_STATS_FIXTURES_H */\n")
