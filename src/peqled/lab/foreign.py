"""Column names in Chinese, Japanese and Korean as instruments of these countries write them, in English."""

from __future__ import annotations

__all__ = ["WORDS", "english"]

WORDS = {
    "外量子效率": "EQE",
    "电流密度": "Current density",
    "電流密度": "Current density",
    "전류밀도": "Current density",
    "电流效率": "Current efficiency",
    "功率效率": "Power efficiency",
    "结合能": "Binding energy",
    "吸光度": "Absorbance",
    "透过率": "Transmittance",
    "电压": "Voltage",
    "電圧": "Voltage",
    "전압": "Voltage",
    "电流": "Current",
    "電流": "Current",
    "전류": "Current",
    "亮度": "Luminance",
    "輝度": "Luminance",
    "휘도": "Luminance",
    "波长": "Wavelength",
    "波長": "Wavelength",
    "파장": "Wavelength",
    "波数": "Wavenumber",
    "强度": "Intensity",
    "強度": "Intensity",
    "세기": "Intensity",
    "计数": "Counts",
    "时间": "Time",
    "時間": "Time",
    "시간": "Time",
    "角度": "Angle",
}
"""Longer words come first: a current density is no current."""


def english(name: str) -> str:
    """The name with the words it knows in English; a name without them is returned as it is."""
    if name.isascii():
        return name
    for word, plain in WORDS.items():
        name = name.replace(word, plain)
    return name.replace("（", "(").replace("）", ")")
