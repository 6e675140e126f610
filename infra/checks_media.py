"""What `kadr doctor` asks the decoder's sandbox: what the kernel of this machine keeps from hostile files."""

from infra.findings import Finding, ill, well
from infra.settings import StackSettings
from stream.errors import KadrStreamError
from stream.media.client import MediaDecoder
from stream.media.values import MediaLimits

_HOLDS = {
    "namespace": "network namespace of its own",
    "seccomp": "no sockets, programs and processes (seccomp)",
    "files": "no other files (seccomp)",
}
_LIMITS = "limits of memory, processor time, wall time, threads and open files"


async def check_sandbox(settings: StackSettings) -> list[Finding]:
    """Starts a decoding child and asks what it has given up."""
    decoder = MediaDecoder(MediaLimits())
    try:
        active = await decoder.confinement()
    except KadrStreamError as error:
        return [ill("sandbox", str(error), "Look at the message: the worker cannot decode anything like this.")]
    holds = [text for name, text in _HOLDS.items() if name in active]
    missing = [text for name, text in _HOLDS.items() if name not in active]
    if not {"namespace", "seccomp"} & set(active):
        text = f"media files are decoded with {_LIMITS} only; the kernel refuses: {', '.join(missing)}"
        advice = "Let the worker run on a Linux whose container allows seccomp filters or user namespaces."
        return [ill("sandbox", text, advice)]
    lacks = f"; not here: {', '.join(missing)}" if missing else ""
    return [well("sandbox", f"media files are decoded with {', '.join([*holds, _LIMITS])}{lacks}")]
