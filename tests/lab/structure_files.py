"""Writers of instrument files in the dialects that readers must take: made from the descriptions of the formats."""

# ruff: noqa: E501 - lines of instrument files are as long as instruments write them
import io
import struct
import zipfile

import numpy as np

MAGIC = "VAMAS Surface Chemical Analysis Standard Data Transfer Format 1988 May 4"


def vamas(
    blocks,
    *,
    mode="NORM",
    scan="REGULAR",
    label="Kinetic Energy",
    lead=0,
    listed=(),
    variables=("d",),
    ends="\r\n",
    tail=True,
):
    """Text of a VAMAS file; a block is (name, species, transition, energy axis, list of ordinate columns, photon
    energy).

    `listed` is the inclusion (positive) or exclusion (negative numbers) list of parameters for the later blocks.
    """
    mapped, profiled = mode in ("MAP", "MAPDP"), mode in ("MAPDP", "MAPSVDP", "SDP", "SDPSV")
    lines = [""] * lead + [MAGIC, "lab", "instrument", "operator", "experiment", "1", "a comment", mode, scan]
    lines += ["1"] if mode in ("MAP", "MAPDP", "NORM", "SDP") else []
    lines += ["1", "64", "64"] if mapped else []
    lines += [str(len(variables)), *(word for v in variables for word in (v, "n"))]
    lines += [str(-len(listed) if any(n < 0 for n in listed) else len(listed)), *(str(abs(n)) for n in listed)]
    lines += ["0", "0", "0", str(len(blocks))]
    excluded = (
        {-n for n in listed} if any(n < 0 for n in listed) else set(range(1, 41)) - set(listed) if listed else set()
    )
    for number, (name, species, transition, energy, columns, photon) in enumerate(blocks):
        skip = excluded if number else set()
        parts = {
            **{n: [text] for n, text in enumerate(("2024", "1", "2", "3", "4", "5", "0"), start=1)},
            8: ["2", "Casa Info Follows", "0"],
            9: ["XPS"],
            10: ["1", "2"] if mapped else [],
            11: ["0.5"] * len(variables),
            12: ["Al (mono)"],
            13: ["18", "1", "1"] if profiled else [],
            14: [str(photon)],
            15: ["225"],
            16: ["1E+37", "1E+37"],
            17: ["6000", "6000"] if mode in ("MAP", "MAPDP", "MAPSV", "MAPSVDP", "SEM") else [],
            18: ["0"] * 6 if mode in ("MAPSV", "MAPSVDP", "SEM") else [],
            **{
                n: [text]
                for n, text in {19: "1E+37", 20: "1E+37", 21: "FAT", 22: "20", 24: "1E+37", 25: "-4.5", 26: "0"}.items()
            },
            27: ["1E+37", "1E+37"],
            28: ["0", "0"],
            29: [species],
            30: [transition, "-1"],
            31: [label, "eV", repr(float(energy[0])), repr(float(energy[1] - energy[0]))] if scan == "REGULAR" else [],
            32: _corresponding(len(columns), scan, label),
            **{33: ["pulse counting"], 34: ["0.1"], 35: ["2"], 36: ["0"]},
            37: ["1"] * 7 if profiled else [],
            38: ["0", "0"],
            39: ["0"],
            40: ["1", "MFP", "d", "0.7"],
        }
        lines += [name, "sample"] + [text for key in sorted(parts) if key not in skip for text in parts[key]]
        table = np.column_stack([energy, *columns] if scan != "REGULAR" else columns)
        lines += [str(table.size)] + ["0", "1"] * table.shape[1] + [f"{v:.8g}" for v in table.ravel()]
    return ends.join([*lines, *(["end of experiment"] if tail else []), ""])


def _corresponding(count, scan, label):
    names = ["Intensity", "Transmission", "Other"][:count]
    names = [label, *names] if scan != "REGULAR" else names
    return [str(len(names)), *(word for n in names for word in (n, "d"))]


def compound(streams):
    """OLE compound file of streams (each padded to 4096 bytes at least, so that none goes into the mini stream)."""
    names = sorted(streams, key=lambda n: (len(n), n.upper()))
    sectors, starts = [], {}
    for name in names:
        data = streams[name].ljust(4096, b"\x00")
        starts[name] = (len(sectors), len(data))
        sectors += [data[i : i + 512].ljust(512, b"\x00") for i in range(0, len(data), 512)]
    chain = []
    for name in names:
        first, size = starts[name]
        count = -(-size // 512)
        chain += [*range(first + 1, first + count), 0xFFFFFFFE]
    entries = [_entry("Root Entry", 5, child=1 + len(names) // 2, start=0xFFFFFFFE, size=0)]
    middle = len(names) // 2
    for i, name in enumerate(names):
        left = i if i == middle and i > 0 else i if 0 < i < middle else 0xFFFFFFFF
        right = i + 2 if middle <= i < len(names) - 1 else 0xFFFFFFFF
        left = i if 0 < i <= middle else 0xFFFFFFFF
        entries.append(_entry(name, 2, left=left, right=right, start=starts[name][0], size=starts[name][1]))
    directory = b"".join(entries).ljust(-(-len(entries) // 4) * 512, b"\x00")
    first_directory = len(sectors)
    blocks = [directory[i : i + 512] for i in range(0, len(directory), 512)]
    sectors += blocks
    chain += [*range(first_directory + 1, first_directory + len(blocks)), 0xFFFFFFFE]
    fat_count = -(-(len(chain) + 1) // 127)
    fat_at = len(sectors)
    chain += [0xFFFFFFFD] * fat_count
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(fat_count * 512, b"\xff")
    sectors += [fat[i : i + 512] for i in range(0, len(fat), 512)]
    difat = [fat_at + i for i in range(fat_count)] + [0xFFFFFFFF] * (109 - fat_count)
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, fat_count, first_directory, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return header + struct.pack("<109I", *difat) + b"".join(sectors)


def _entry(name, kind, *, left=0xFFFFFFFF, right=0xFFFFFFFF, child=0xFFFFFFFF, start, size):
    raw = name.encode("utf-16-le") + b"\x00\x00"
    head = raw.ljust(64, b"\x00") + struct.pack("<HBB3I", len(raw), kind, 1, left, right, child)
    return head + bytes(16 + 4 + 16) + struct.pack("<IQ", start, size)


def thermo_vgd(energy, counts, *, photon=1486.68):
    """Avantage data space with one energy axis; `counts` may hold several spectra (rows)."""
    points = len(energy)
    axis = struct.pack("<2I", 131072, 1) + (struct.pack("<I", 2) + b"\x00\x00") * 3
    axis += struct.pack("<IddbI", points, energy[0], energy[1] - energy[0], 1, 1)
    values = {0x69: photon, 0x194: 20.0}
    section, offset = b"", 8 + 8 * len(values)
    table = b""
    for key, value in values.items():
        table += struct.pack("<2I", key, offset + len(section))
        section += struct.pack("<If", 4, value)
    body = struct.pack("<2I", offset + len(section), len(values)) + table + section
    properties = (
        struct.pack("<HHI", 0xFFFE, 0, 2) + bytes(16) + struct.pack("<I", 1) + bytes(16) + struct.pack("<I", 48) + body
    )
    return compound({
        "VGData": np.asarray(counts, "<f8").tobytes(), "VGSpaceAxes": axis, "\x05Q5nw4m3lIjudbfwyAayojlptCa": properties,
    })  # fmt: skip


def spc(x, spectra, *, form="float", y_type=2, own_axes=False, listed=False):
    """New-format SPC: `form` float, i32 or i16; an even axis, a listed one, or one for each spectrum."""
    flags = (1 if form == "i16" else 0) | (4 if len(spectra) > 1 else 0) | (0xC0 if own_axes else 0x80 if listed else 0)
    exponent = -128 if form == "float" else 1
    points = 0 if own_axes else len(x)
    header = bytearray(512)
    struct.pack_into("<BBBbiddi", header, 0, flags, 0x4B, 0, exponent, points, x[0], x[-1], len(spectra))
    header[28], header[29] = 1, y_type
    raw = bytes(header) + (np.asarray(x, "<f4").tobytes() if listed and not own_axes else b"")
    for i, y in enumerate(spectra):
        raw += struct.pack("<BbHfffiif4s", 0, exponent, i, 0, 0, 0, len(y), 0, 0, b"")
        raw += np.asarray(x, "<f4").tobytes() if own_axes else b""
        raw += _coded(y, form, exponent)
    return raw


def _coded(y, form, exponent):
    if form == "float":
        return np.asarray(y, "<f4").tobytes()
    bits = 16 if form == "i16" else 32
    return np.round(np.asarray(y) * 2.0 ** (bits - exponent)).astype(f"<i{bits // 8}").tobytes()


def spc_old(x, y):
    """Old LabCalc format: 32-bit integers with exchanged words."""
    header = bytearray(256)
    struct.pack_into("<BBhfff", header, 0, 0, 0x4D, 1, float(len(x)), x[0], x[-1])
    header[16], header[17] = 1, 2
    integers = np.round(np.asarray(y) * 2.0**31).astype(np.int64)
    pairs = np.stack([integers >> 16, integers & 0xFFFF], axis=1).astype("<u2" if integers.min() >= 0 else "<i4")
    return bytes(header) + (pairs & 0xFFFF).astype("<u2").tobytes()


def spa(x, y, *, y_code=17, title="a film", extended=False):
    """OMNIC spectrum with the two sections that a reader needs, in a directory of short or of extended entries."""
    raw = bytearray(700)
    raw[:18] = b"Spectral Data File"
    raw[18:23] = b" Exte" if extended else bytes(5)
    raw[30 : 30 + len(title)] = title.encode()
    values = np.asarray(y, "<f4").tobytes()
    second = 304 + (22 if extended else 16)
    for at, key, start, size in ((304, 2, 564, 100), (second, 3, 700, len(values))):
        raw[at] = key
        struct.pack_into("<QI" if extended else "<II", raw, at + 2, start, size)
    struct.pack_into("<I", raw, 568, len(x))
    raw[572], raw[576] = 1, y_code
    struct.pack_into("<ff", raw, 580, x[0], x[-1])
    return bytes(raw) + values


def opus(x, y, *, kind=4):
    """OPUS file with a data block, its parameters, and a block that nobody knows."""

    def parameter(key, code, value):
        body = struct.pack("<i", value) if code == 0 else struct.pack("<d", value) if code == 1 else value
        body = body.ljust(-(-len(body) // 2) * 2, b"\x00")
        return key.encode() + b"\x00" + struct.pack("<2H", code, len(body) // 2) + body

    status = b"".join((
        parameter("DPF", 0, 1), parameter("NPT", 0, len(x)), parameter("FXV", 1, x[0]), parameter("LXV", 1, x[-1]),
        parameter("CSF", 1, 1.0), parameter("MXY", 1, float(np.max(y))), parameter("DXU", 3, b"WN\x00\x00"), b"END\x00\x00\x00\x00\x00",
    ))  # fmt: skip
    sample = parameter("SNM", 2, b"film A\x00\x00") + b"END\x00\x00\x00\x00\x00"
    code = 3 | 3 << 2 | kind << 10
    blocks = [
        (code, np.asarray(y, "<f4").tobytes()),
        (code | 1 << 4, status),
        (10 << 4, sample),
        (63 << 4, b"\xff" * 16),
    ]
    start = 24 + 12 * len(blocks)
    table, body = b"", b""
    for kind_code, data in blocks:
        data = data.ljust(-(-len(data) // 4) * 4, b"\x00")
        table += struct.pack("<3i", kind_code, len(data) // 4, start + len(body))
        body += data
    return b"\x0a\x0a\xfe\xfe" + struct.pack("<d3i", 920622.0, 24, 40, len(blocks)) + table + body


def jcamp(x, y, *, form="plain", y_units="ABSORBANCE", factor=1e-4):
    """JCAMP-DX text: plain, packed, squeezed or difference/duplicate form, or XY pairs."""
    numbers = np.round(np.asarray(y) / factor).astype(int)
    head = ["##TITLE=a film", "##JCAMP-DX=4.24", "##DATA TYPE=INFRARED SPECTRUM", "##XUNITS=1/CM", f"##YUNITS={y_units}",
            f"##FIRSTX={x[0]}", f"##LASTX={x[-1]}", f"##NPOINTS={len(x)}", "##XFACTOR=1.0", f"##YFACTOR={factor}"]  # fmt: skip
    if form == "pairs":
        return "\n".join(
            [*head, "##XYDATA=(XY..XY)", *(f"{a}, {b}" for a, b in zip(x, numbers, strict=True)), "##END="]
        )
    lines, at, size = [], 0, 8
    while at < len(x):
        part = list(numbers[at : at + size])
        if form in ("plain", "packed"):
            joined = (
                "".join(f"{'+' if n >= 0 else '-'}{abs(n)}" for n in part)
                if form == "packed"
                else "".join(f" {n}" for n in part)
            )
        elif form == "squeezed":
            joined = "".join(_digits(n, "@ABCDEFGHI", "@abcdefghi") for n in part)
        else:
            if at:
                part = [numbers[at - 1], *part]
            joined = _digits(part[0], "@ABCDEFGHI", "@abcdefghi") + _differences(np.diff(part))
        lines.append(f"{x[at]:.4f}{joined}")
        at += size
    return "\n".join([*head, "##XYDATA=(X++(Y..Y))", *lines, "##END="])


def jcamp_pages(x, pages, *, factor=1e-4, pairs=False):
    """NTUPLES of a kinetic run: one absorbance spectrum a time, `pages` by time (s), difference form or XY pairs."""
    numbers = {t: np.round(np.asarray(y) / factor).astype(int) for t, y in pages.items()}
    lines = ["##TITLE=a run", "##JCAMP-DX=5.01", "##DATA TYPE=UV-VIS SPECTRUM", "##DATA CLASS=NTUPLES", "##NTUPLES=KINETICS",
             "##VAR_NAME=  WAVELENGTH,  ABSORBANCE, TIME", "##SYMBOL=    X,           Y,          T",
             "##VAR_TYPE=  INDEPENDENT, DEPENDENT,  PAGE", "##UNITS=     NANOMETERS,  ABSORBANCE, SECONDS",
             f"##FIRST=     {x[0]}, 0, 0", f"##LAST=      {x[-1]}, 0, 0", f"##FACTOR=    1, {factor}, 1"]  # fmt: skip
    for time, y in numbers.items():
        lines.append(f"##PAGE= T={time}")
        if pairs:
            lines += ["##DATA TABLE= (XY..XY), XYDATA", *(f"{a}, {b}" for a, b in zip(x, y, strict=True))]
        else:
            lines += ["##DATA TABLE= (X++(Y..Y)), XYDATA", f"{x[0]}{_digits(y[0], '@ABCDEFGHI', '@abcdefghi')}"
                      + _differences(np.diff(y))]  # fmt: skip
    return "\n".join([*lines, "##END NTUPLES=", "##END="])


def _digits(number, positive, negative):
    text = str(abs(number))
    return (negative if number < 0 else positive)[int(text[0])] + text[1:]


def _differences(steps):
    text, i = "", 0
    while i < len(steps):
        run = 1
        while i + run < len(steps) and steps[i + run] == steps[i]:
            run += 1
        text += _digits(int(steps[i]), "%JKLMNOPQR", "%jklmnopqr")
        text += "" if run == 1 else _digits(run, " STUVWXYZs", " STUVWXYZs")
        i += run
    return text


def xrdml(start, end, counts, *, element="intensities", attenuation=None):
    factors = (
        ""
        if attenuation is None
        else f"<beamAttenuationFactors>{' '.join(map(str, attenuation))}</beamAttenuationFactors>"
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<xrdMeasurements xmlns="http://www.xrdml.com/XRDMeasurement/1.3"><sample type="To be analyzed"><id>film A</id></sample>
<xrdMeasurement><usedWavelength intended="K-Alpha"><kAlpha1 unit="Angstrom">1.5405980</kAlpha1>
<kAlpha2 unit="Angstrom">1.5444260</kAlpha2><ratioKAlpha2KAlpha1>0.5000</ratioKAlpha2KAlpha1></usedWavelength>
<scan><dataPoints><positions axis="Omega" unit="deg"><startPosition>1</startPosition><endPosition>2</endPosition></positions>
<positions axis="2Theta" unit="deg"><startPosition>{start}</startPosition><endPosition>{end}</endPosition></positions>{factors}
<{element} unit="counts">{" ".join(str(int(c)) for c in counts)}</{element}></dataPoints></scan></xrdMeasurement></xrdMeasurements>"""


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def rasx(x, y, attenuation=1.0):
    profile = "\ufeff" + "\r\n".join(f"{a:.4f}\t{b}\t{attenuation}" for a, b in zip(x, y, strict=True))
    conditions = ("<MeasurementConditions><HWConfigurations><XrayGenerator><TargetName>Cu</TargetName>"
                  "<WavelengthKalpha1>1.540593</WavelengthKalpha1><WavelengthKalpha2>1.544414</WavelengthKalpha2>"
                  "</XrayGenerator></HWConfigurations></MeasurementConditions>")  # fmt: skip
    return zipped(
        {"root.xml": "<root/>", "Data0/Profile0.txt": profile.encode(), "Data0/MesurementConditions0.xml": conditions}
    )


def brml(x, y, *, whole=False):
    """One row a step, or (`whole`) a position-sensitive detector's scan in a single row."""
    space = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    axes = (f'<ScanAxes><ScanAxisInfo AxisId="TwoTheta"><Start>{x[0]}</Start><Stop>{x[-1]}</Stop>'
            f"<Increment>{x[1] - x[0]}</Increment></ScanAxisInfo></ScanAxes>")  # fmt: skip
    if whole:
        views = f'<RawDataView Start="0" Length="1" xsi:type="FixedRawDataView" LogicName="Time"/><RawDataView Start="2" Length="{len(y)}" xsi:type="RecordedRawDataView"/>'
        data = f"<Datum>1,1,{','.join(str(int(v)) for v in y)}</Datum>"
    else:
        views = '<RawDataView Start="2" Length="2" xsi:type="VaryingRawDataView"/><RawDataView Start="4" Length="1" xsi:type="RecordedRawDataView"/>'
        data = "".join(f"<Datum>0.5,0.5,{a:.4f},{a / 2:.4f},{int(b)}</Datum>" for a, b in zip(x, y, strict=True))
    text = (f"<RawData {space}><FixedInformation><Tube><TubeMaterial>Cu</TubeMaterial><WaveLengthAlpha1 Value=\"1.5406\"/>"
            f"</Tube></FixedInformation><DataRoutes><DataRoute>{axes}<DataViews>{views}</DataViews>{data}</DataRoute></DataRoutes></RawData>")  # fmt: skip
    return zipped({"Experiment0/Instructions.xml": "<x/>" * 1000, "Experiment0/RawData0.xml": text})


def bruker_raw(version, start, step, counts):
    """RAW of versions 1 to 4 with one range."""
    data = np.asarray(counts, "<f4").tobytes()
    if version == 1:
        head = bytearray(156)
        head[:4] = b"RAW "
        struct.pack_into("<IffIIf", head, 4, len(counts), 1.0, step, 0, 0, start)
        struct.pack_into("<ff", head, 72, 1.5406, 1.5444)
        return bytes(head) + data
    if version == 2:
        head = bytearray(256 + 60)
        head[:4] = b"RAW2"
        struct.pack_into("<H", head, 4, 1)
        struct.pack_into("<fff", head, 190, 1.5406, 1.5444, 0.5)
        struct.pack_into("<HH", head, 256, 60, len(counts))
        struct.pack_into("<ff", head, 268, step, start)
        return bytes(head) + data
    if version == 3:
        head = bytearray(712 + 304 + 40)
        head[:7] = b"RAW1.01"
        struct.pack_into("<I", head, 12, 1)
        head[608:610] = b"Cu"
        struct.pack_into("<5d", head, 616, 1.5418, 1.5406, 1.5444, 1.3922, 0.5)
        struct.pack_into("<IIdd", head, 712, 304, len(counts), start / 2, start)
        struct.pack_into("<d", head, 712 + 176, step)
        struct.pack_into("<I", head, 712 + 256, 40)
        return bytes(head) + data
    head = bytearray(61)
    head[:7] = b"RAW4.00"
    hardware = bytearray(120)
    struct.pack_into("<II", hardware, 0, 30, 120)
    struct.pack_into("<5d", hardware, 72, 1.5418, 1.5406, 1.5444, 1.3922, 0.5)
    hardware[116:118] = b"Cu"
    primary = bytearray(160)
    primary[32:46] = b"Locked Coupled"
    struct.pack_into("<dd", primary, 72, start, step)
    struct.pack_into("<I", primary, 88, len(counts))
    struct.pack_into("<II", primary, 136, 4, 64)
    drive = bytearray(64)
    struct.pack_into("<II", drive, 0, 50, 64)
    drive[12:18] = b"2Theta"
    struct.pack_into("<d", drive, 56, start)
    return bytes(head + hardware + primary + drive) + data


def alv(lag_ms, g2, *, angle=90.0, model="ALV-7004/USB", channels=4):
    rows = [[*[v] * min(2, channels), *[0.0] * (channels - 2)] for v in g2]
    body = "\r\n".join("\t".join(f"{n:.5E}" for n in (t, *row)) for t, row in zip(lag_ms, rows, strict=True))
    text = (f'{model}\r\nDate :\t"08.06.2022"\r\nSamplename : \t"dots"\r\nTemperature [K] :\t 298.15\r\nViscosity [cp]  :\t 0.89\r\n'
            f"Refractive Index:\t 1.33\r\nWavelength [nm] :\t 632.8\r\nAngle [°]       :\t {angle}\r\n\r\n\"Correlation\"\r\n{body}\r\n\r\n"
            '"Count Rate"\r\n 0.1\t 500.0\r\n\r\n"Cumulant 2.Order"\r\nHydrodyn. Radius [nm]\t 1.0E+002\r\n')  # fmt: skip
    return text.encode("latin-1")
