using System.Numerics;

namespace Tophalf.Tests.Kernel.Scheduling;

/// <summary>A number without rounding.</summary>
internal readonly struct Fraction : IComparable<Fraction>
{
    private readonly BigInteger _over, _under;

    public Fraction(BigInteger over, BigInteger under)
    {
        BigInteger common = BigInteger.GreatestCommonDivisor(over, under) * under.Sign;
        (_over, _under) = (over / common, under / common);
    }

    private BigInteger Under => _under.IsZero ? BigInteger.One : _under;

    public static implicit operator Fraction(long value) => new(value, BigInteger.One);

    public static Fraction operator +(Fraction a, Fraction b) => new(a._over * b.Under + b._over * a.Under, a.Under * b.Under);
    public static Fraction operator -(Fraction a, Fraction b) => new(a._over * b.Under - b._over * a.Under, a.Under * b.Under);
    public static Fraction operator *(Fraction a, Fraction b) => new(a._over * b._over, a.Under * b.Under);
    public static Fraction operator /(Fraction a, Fraction b) => new(a._over * b.Under, a.Under * b._over);
    public static bool operator <=(Fraction a, Fraction b) => a.CompareTo(b) <= 0;
    public static bool operator >=(Fraction a, Fraction b) => a.CompareTo(b) >= 0;
    public static bool operator <(Fraction a, Fraction b) => a.CompareTo(b) < 0;
    public static bool operator >(Fraction a, Fraction b) => a.CompareTo(b) > 0;

    public static Fraction Min(Fraction a, Fraction b) => a <= b ? a : b;
    public static Fraction Max(Fraction a, Fraction b) => a >= b ? a : b;

    public int CompareTo(Fraction other) => (_over * other.Under).CompareTo(other._over * Under);
    public override string ToString() => Under.IsOne ? _over.ToString() : $"{_over}/{Under}";
}
