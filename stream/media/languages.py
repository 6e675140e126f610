"""Language tags of media files (ISO 639-2 in most containers) as ISO 639-1."""

_PAIRS = (
    "ara:ar aze:az bel:be ben:bn bul:bg cat:ca ces:cs cze:cs chi:zh zho:zh dan:da deu:de ger:de dut:nl nld:nl "
    "ell:el gre:el eng:en est:et eus:eu baq:eu fas:fa per:fa fin:fi fra:fr fre:fr geo:ka kat:ka gle:ga glg:gl "
    "heb:he hin:hi hrv:hr hun:hu hye:hy arm:hy ice:is isl:is ind:id ita:it jpn:ja kaz:kk kir:ky kor:ko lat:la "
    "lav:lv lit:lt mac:mk mkd:mk may:ms msa:ms mon:mn nno:nn nob:nb nor:no pol:pl por:pt ron:ro rum:ro rus:ru "
    "slk:sk slo:sk slv:sl spa:es sqi:sq alb:sq srp:sr swa:sw swe:sv tam:ta tat:tt tel:te tgk:tg tha:th tuk:tk "
    "tur:tr ukr:uk urd:ur uzb:uz vie:vi"
)
_TWO_LETTERS = {three: two for three, two in (pair.split(":") for pair in _PAIRS.split())}


def two_letter_language(tag: str | None) -> str | None:
    """Translate a stream's language tag (`rus`, `en`, `pt-BR`) to ISO 639-1; None for unknown and undetermined."""
    primary = (tag or "").strip().lower().replace("_", "-").split("-")[0]
    if primary in _TWO_LETTERS:
        return _TWO_LETTERS[primary]
    return primary if primary in _TWO_LETTERS.values() else None
