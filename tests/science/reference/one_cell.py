"""One BCM cell with one input, written without plast: the numbers behind bistable.plast and its neighbours.

Plain Python, no packages:  python3 tests/science/reference/one_cell.py

`stepped` follows the tick exactly (explicit Euler for the weight, the exact step for theta, both from the state at the
start of the tick, then the bounds); `close` is the classical Runge-Kutta step of the same equations.
"""
import math


def stepped(stretches, w, theta, eta, lam, tau, tick):
    """Weights after each (input, duration)."""
    out, keep = [], math.exp(-tick / tau)
    for x, duration in stretches:
        for _ in range(round(duration / tick)):
            y = max(0.0, w * x)
            w, theta = (
                min(10.0, max(0.0, w + tick * (eta * x * y * (y - theta) - lam * w))),
                keep * theta + (1 - keep) * y * y,
            )
        out.append(w)
    return out


def close(stretches, w, theta, eta, lam, tau, tick):
    """The same by fourth-order Runge-Kutta."""

    def slope(x, w, theta):
        y = max(0.0, w * x)
        return eta * x * y * (y - theta) - lam * w, (y * y - theta) / tau

    out = []
    for x, duration in stretches:
        for _ in range(round(duration / tick)):
            a = slope(x, w, theta)
            b = slope(x, w + tick / 2 * a[0], theta + tick / 2 * a[1])
            c = slope(x, w + tick / 2 * b[0], theta + tick / 2 * b[1])
            d = slope(x, w + tick * c[0], theta + tick * c[1])
            w += tick / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0])
            theta += tick / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1])
        out.append(w)
    return out


def main():
    both = dict(eta=0.05, lam=0.005, tau=10, tick=0.01)
    for name, tetanus, low in [("switch", 7, 0.5), ("weak", 4, 0.5), ("strong", 9, 0.5), ("mild", 7, 0.6)]:
        course = [(tetanus, 1), (1, 500), (low, 900), (1, 500)]
        print("bistable.plast", name, stepped(course, 0.05, 0.0025, **both))
    for low in (0.5, 0.6, 0.9, 0):
        course = [(low, 500), (low, 400), (1, 500)]
        print("low_rates.plast", low, stepped(course, 0.8873, 0.7873, **both))
    print("clip_alive.plast", close([(8, 1)], 1, 1, 0.1, 0, 0.1, 1e-4))
    for eta, tau, x in [(0.1, 2, 3), (5e-4, 1000, 8), (2e-3, 40, 3)]:
        print("sign_of_a_second.plast", eta, close([(x, 1), (1, 500)], 1, 1, eta, 0, tau, 1e-3))


if __name__ == "__main__":
    main()
