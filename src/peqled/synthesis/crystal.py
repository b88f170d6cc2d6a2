"""Constants of the CsPbBr3 crystal that nucleation, growth and bookkeeping share."""

BOLTZMANN = 1.380649e-23  # J/K
AVOGADRO = 6.02214076e23  # 1/mol
GAS_CONSTANT = BOLTZMANN * AVOGADRO  # J/(mol K)
FORMULA_VOLUME = 2.017e-28  # m3 per CsPbBr3, from a = 0.5865 nm, 10.1021/cg400645t
MOLAR_VOLUME = FORMULA_VOLUME * AVOGADRO  # m3/mol
MOLAR_MASS = 0.57982  # kg/mol: Cs 132.905, Pb 207.2, 3 Br 79.904
REFERENCE_TEMPERATURE = 443.0  # K, where the rate constants of the default set hold
