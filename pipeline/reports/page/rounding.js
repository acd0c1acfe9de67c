/* The rule by which printed numbers are rounded, as in pipeline/reports/rounding.py: half away from zero, on the decimal value,
   which is the number to 12 significant digits. toFixed rounds what the computer holds: 1.15 to 1.1. */
const Rounding = (function () {
  "use strict";
  const HELD = 12;

  /* The number as whole digits times a power of ten. */
  function decimal(value) {
    const [digits, exponent] = Math.abs(value).toExponential(HELD - 1).split("e");
    return { whole: BigInt(digits.replace(".", "")), power: Number(exponent) - (HELD - 1), first: Number(exponent) };
  }

  /* The number to so many decimals: 6.25 to one is 6.3, -0.05 to one -0.1, -0.04 to one 0.0. */
  function fixed(value, decimals) {
    const { whole, power } = decimal(value);
    const shift = power + decimals;
    const below = 10n ** BigInt(Math.max(0, -shift));
    const rounded = shift >= 0 ? whole * 10n ** BigInt(shift) : (2n * whole + below) / (2n * below);
    const text = String(rounded).padStart(decimals + 1, "0");
    const place = text.length - decimals;
    return (value < 0 && rounded > 0n ? "-" : "") + text.slice(0, place) + (decimals ? `.${text.slice(place)}` : "");
  }

  /* The number as short as it is, to so many decimals at most. */
  function short(value, decimals) {
    const text = fixed(value, decimals);
    return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  }

  /* The number to so many significant digits at most, as short as it is; of whole digits none is left out. */
  const digits = (value, significant) => short(value, Math.max(0, significant - 1 - decimal(value).first));

  return { fixed, short, digits };
})();
