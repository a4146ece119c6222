"""Writes elementary.csv: arguments of elementary functions and their values to 106 bits.

usage: python3 elementary.py [COUNT] > elementary.csv      (needs mpmath; 200-bit arithmetic; 40 rows a function in the tests)
Columns: function, x, y (0 for functions of one argument), the value as a sum of two f64; all f64 as hexadecimal bits.
"""
import random, struct, sys
from mpmath import mp, mpf
import mpmath as m

mp.prec = 200
random.seed(1)
count = int(sys.argv[1]) if len(sys.argv) > 1 else 40

def bits(v):
    return "%016x" % struct.unpack(">Q", struct.pack(">d", v))[0]

def around(lo, hi):
    return lambda: random.uniform(lo, hi)

def scaled(lo, hi, signed=True):
    return lambda: (random.choice((-1, 1)) if signed else 1) * random.uniform(1, 2) * 2.0 ** random.randint(lo, hi)

def mixed(*sources):
    return lambda: random.choice(sources)()

def near_turn():
    return float(m.pi / 2 * random.randint(-600000, 600000))

one = {
    "exp": (m.exp, mixed(around(-708, 709), around(-1, 1), scaled(-60, 3))),
    "expm1": (m.expm1, mixed(around(-50, 709), around(-1, 1), scaled(-60, 3))),
    "log": (m.log, mixed(around(0.5, 2), scaled(-1074, 1023, False), around(0.99, 1.01))),
    "log1p": (lambda x: m.log(1 + x) if abs(x) > 2**-40 else x - x**2/2 + x**3/3 - x**4/4, mixed(around(-0.9, 2), scaled(-60, 100, False), scaled(-60, -2))),
    "log2": (lambda x: m.log(x, 2), mixed(around(0.5, 2), scaled(-1074, 1023, False))),
    "log10": (lambda x: m.log(x, 10), mixed(around(0.5, 2), scaled(-1074, 1023, False))),
    "sin": (m.sin, mixed(around(-7, 7), around(-2**20, 2**20), scaled(-40, 2), near_turn)),
    "cos": (m.cos, mixed(around(-7, 7), around(-2**20, 2**20), scaled(-40, 2), near_turn)),
    "tan": (m.tan, mixed(around(-7, 7), around(-2**20, 2**20), scaled(-40, 2), near_turn)),
    "asin": (m.asin, mixed(around(-1, 1), scaled(-40, -1), around(0.99, 1), around(-1, -0.99))),
    "acos": (m.acos, mixed(around(-1, 1), scaled(-40, -1), around(0.99, 1), around(-1, -0.99))),
    "atan": (m.atan, mixed(around(-4, 4), scaled(-40, 60))),
    "sinh": (m.sinh, mixed(around(-710, 710), around(-3, 3), scaled(-40, 2))),
    "cosh": (m.cosh, mixed(around(-710, 710), around(-3, 3), scaled(-40, 2))),
    "tanh": (m.tanh, mixed(around(-20, 20), around(-2, 2), scaled(-40, 2))),
    "sigmoid": (lambda x: 1 / (1 + m.exp(-x)), mixed(around(-700, 40), around(-3, 3))),
}

def power():
    while True:
        x = mixed(around(0, 3), scaled(-300, 300, False), around(0.99, 1.01))()
        y = mixed(around(-5, 5), scaled(-20, 10))()
        if x > 0 and -1000 < y * m.log(x, 2) < 1023:
            return x, y

two = {
    "pow": (lambda x, y: m.power(x, y), power),
    "atan2": (lambda x, y: m.atan2(x, y), lambda: (scaled(-30, 30)(), scaled(-30, 30)())),
    "modulo": (lambda a, b: a - b * m.floor(a / b), lambda: (scaled(-10, 30)(), scaled(-10, 10)())),
}

def row(name, x, y, value):
    hi = float(value)
    lo = float(value - mpf(hi)) if hi - hi == 0 else 0.0
    print(name, bits(x), bits(y), bits(hi), bits(lo), sep=",")

for name, (f, draw) in one.items():
    for _ in range(count):
        x = draw()
        row(name, x, 0.0, f(mpf(x)))
for name, (f, draw) in two.items():
    for _ in range(count):
        x, y = draw()
        row(name, x, y, f(mpf(x), mpf(y)))
