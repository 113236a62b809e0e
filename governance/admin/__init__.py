"""The leaders' pages on layer 1."""

from governance.admin.guardrails import GovernanceSettingsAdmin, GuardrailAdmin
from governance.admin.kpis import KpiDefinitionAdmin, KpiTargetAdmin
from governance.admin.philosophy import PhilosophyAdmin, PrincipleAdmin
from governance.admin.voice import VoiceTraitAdmin, VoiceVariationAdmin

__all__ = [
    "GovernanceSettingsAdmin",
    "GuardrailAdmin",
    "KpiDefinitionAdmin",
    "KpiTargetAdmin",
    "PhilosophyAdmin",
    "PrincipleAdmin",
    "VoiceTraitAdmin",
    "VoiceVariationAdmin",
]
