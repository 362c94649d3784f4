"""One model of each of timm's families, which are the modules of its models' entry points."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import timm

from .specimen import Specimen

Size = tuple[int, int]
_USUAL: Size = (64, 96)

# Those whose size is free.
_FREE = """
byobnet mobileone_s1 | convmixer convmixer_768_32 | convnext convnext_zepto_rms | cpubone cpubone_nano
csatv2 csatv2 | cspnet cs3darknet_focus_s | cspnext cspnext_tiny | davit davit_tiny | densenet densenet121
dla dla46x_c | dpn dpn48b | edgenext edgenext_xx_small | efficientnet mobilenetv2_035
efficientvim efficientvim_m1 | efficientvit_mit efficientvit_b0 | fasternet fasternet_t0 | fastvit fastvit_t8 | focalnet focalnet_tiny_srf
ghostnet ghostnet_050 | hardcorenas hardcorenas_b | hgnet hgnetv2_b0 | hieradet_sam2 sam2_hiera_tiny
hrnet hrnet_w18_small | iformer iformer_t | inception_resnet_v2 inception_resnet_v2
inception_v3 inception_v3 | inception_v4 inception_v4 | nasnet nasnetalarge | pnasnet pnasnet5large | inception_next inception_next_atto | lcnetv2 lcnetv2_small
lowformer lowformer_b0 | mambaout mambaout_femto | metaformer poolformerv2_s12
mobilenetv3 mobilenetv3_small_050 | mobilenetv5 mobilenetv5_base | mvitv2 mvitv2_tiny
nextvit nextvit_small | nfnet nf_regnet_b0 | pvt_v2 pvt_v2_b0 | rdnet rdnet_tiny | regnet regnetx_002
repghost repghostnet_050 | repvit repvit_m1 | res2net res2next50 | resnest resnest14d | resnet resnet10t
resnetv2 resnetv2_18 | rexnet rexnet_100 | selecsls selecsls42 | senet legacy_seresnet18
shvit shvit_s1 | sknet skresnet18 | starnet starnet_s050 | swiftformer swiftformer_xs
tiny_vit tiny_vit_5m_224 | tresnet tresnet_m | twins twins_svt_small | vgg vgg11
vovnet ese_vovnet19b_slim_dw | xception legacy_xception
xception_aligned xception41p | xcit xcit_nano_12_p8_224
"""
# Those that are made for one size, which `img_size` says.
_SIZED = """
beit beit_base_patch16_224 | byoanet lambda_resnet26t | cait cait_xxs24_224 | coat coat_tiny
deit deit_tiny_patch16_224 | efficientformer_v2 efficientformerv2_s0 | efficientvit_msra efficientvit_m0
eva vit_tiny_patch16_dinov3_qkvb | gcvit gcvit_xxtiny | gemma4_vit gemma4_vit_167m | hiera hiera_tiny_224
levit levit_128s | maxxvit maxvit_pico_rw_256 | mlp_mixer gmlp_ti16_224 | mobilevit mobilevit_xxs
naflexvit naflexvit_base_patch16_parfac_gap | pit pit_ti_224 | qwen3_vit qwen3_vit_88m
swin_transformer swin_tiny_patch4_window7_224 | swin_transformer_v2 swinv2_tiny_window8_256
swin_transformer_v2_cr swinv2_cr_tiny_224 | tnt tnt_s_legacy_patch16_224 | visformer visformer_tiny
vision_transformer vit_tiny_patch16_224 | vision_transformer_hybrid vit_tiny_r_s16_p8_224
vision_transformer_relpos vit_srelpos_small_patch16_224 | vision_transformer_sam samvit_base_patch16_224
deepseek_vit deepseek_vit_412m | convit convit_tiny | nest nest_tiny | vitamin vitamin_small_224 | volo volo_d1_224
sequencer sequencer2d_s
"""
# Those that need another size than the usual one, and those that take one size only.
_OTHER: dict[str, Size] = {
    **dict.fromkeys(("inception_resnet_v2", "inception_v3", "inception_v4"), (96, 128)),
    **dict.fromkeys(("efficientvim", "davit", "csatv2"), (128, 192)),
    **dict.fromkeys(("convit", "nest"), (64, 64)),
    "deepseek_vit": (56, 84),
}
_FIXED: dict[str, tuple[str, Size]] = {
    "crossvit": ("crossvit_tiny_240", (240, 240)),
    "efficientformer": ("efficientformer_l1", (224, 224)),
}
# What is cut short: blocks of one kind behind one another.
_SHORT = {"beit", "deepseek_vit", "gemma4_vit", "naflexvit", "qwen3_vit", "vision_transformer_sam"}


def families_of_timm() -> set[str]:
    """The names of all families of the timm that is installed."""
    return {_family(name) for name in timm.list_models()}


def _family(name: str) -> str:
    return timm.model_entrypoint(name).__module__.rpartition(".")[2]


def _specimens() -> Iterator[Specimen]:
    for family, name in _pairs(_FREE):
        yield _specimen(family, name, _OTHER.get(family, _USUAL))
    for family, name in _pairs(_SIZED):
        size = _OTHER.get(family, _USUAL)
        yield _specimen(family, name, size, img_size=size)
    for family, (name, size) in _FIXED.items():
        yield _specimen(family, name, size)


def _specimen(family: str, name: str, size: Size, **options: Any) -> Specimen:
    if family in _SHORT:
        options["depth"] = 3
    said = ", ".join(f"{option}={value}" for option, value in options.items())
    make = partial(timm.create_model, name, pretrained=False, **options)
    return Specimen("timm", family, name, make, size, said)


def _pairs(table: str) -> Iterator[tuple[str, str]]:
    for entry in table.strip().replace("\n", " | ").split(" | "):
        family, name = entry.split()
        yield family, name


TIMM = tuple(sorted(_specimens(), key=lambda specimen: specimen.family))
