"""Whisper's network with HF's names of weights, a CTC head, and a cheap stand-in for the padding to 30 s.

The library pads every window to 30 s with zeros. Computing all of that in training would cost several times the speech
itself, so the encoder takes the window as it is and a sample of the padding's positions; each stands for many, which
the attention learns by a bias of their logarithm on its scores.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from encoders.training.speech.mel import BANDS, WINDOW_POSITIONS

# Signs that the CTC head hears, those of espeak-ng's English and Russian; number 0 is the blank.
PHONEMES = "abdefhijklmnoprstuvwxyzæðŋɐɑɒɔɕəɚɛɜɡɪɭɵɹɾʃʉʊʌʍʑʒʔʲː̩θᵻ"
_TEXT_POSITIONS = 448
# Heads that are taught to look where the next token is spoken, one in each decoder layer, and how far they may stray.
GUIDED_HEADS = ((0, 0), (1, 1))
_STRAY_POSITIONS = 15.0


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network."""

    vocabulary: int
    width: int = 192
    heads: int = 3
    encoder_layers: int = 4
    decoder_layers: int = 2

    @property
    def inner(self) -> int:
        """Width inside the two-layer perceptrons."""
        return 4 * self.width


@dataclass(frozen=True, slots=True)
class Heard:
    """The encoder's output.

    Attributes:
        states: [batch, positions + sampled padding, width].
        bias: [positions + sampled padding], log of how many positions each stands for.
        positions: How many of them are the window itself, 50 a second.
    """

    states: Tensor
    bias: Tensor
    positions: int


class Attention(nn.Module):
    """Multi-head attention."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.q_proj = nn.Linear(shape.width, shape.width)
        self.k_proj = nn.Linear(shape.width, shape.width, bias=False)
        self.v_proj = nn.Linear(shape.width, shape.width)
        self.out_proj = nn.Linear(shape.width, shape.width)

    def forward(self, x: Tensor, other: Tensor, bias: Tensor | None = None, causal: bool = False) -> Tensor:
        """Attends from x [batch, n, width] to other [batch, m, width]; the bias [m] is added to the scores."""
        query, key, value = (self._split(part) for part in (self.q_proj(x), self.k_proj(other), self.v_proj(other)))
        # On windows this short, torch's fused attention is slower on the CPU than these few products.
        scores = (query * query.shape[-1] ** -0.5) @ key.transpose(2, 3)
        if bias is not None:
            scores = scores + bias.to(scores.dtype)
        if causal:
            scores = scores + scores.new_full(scores.shape[2:], -math.inf).triu(1)
        mixed = scores.softmax(-1) @ value
        projected: Tensor = self.out_proj(mixed.transpose(1, 2).flatten(2))
        return projected

    def weights(self, x: Tensor, other: Tensor, bias: Tensor, head: int) -> Tensor:
        """Attention of one head, [batch, n, m]."""
        query, key = self._split(self.q_proj(x))[:, head], self._split(self.k_proj(other))[:, head]
        scores: Tensor = (query @ key.transpose(1, 2)).float() * query.shape[-1] ** -0.5 + bias
        return scores.softmax(-1)

    def _split(self, x: Tensor) -> Tensor:
        return x.view(len(x), x.shape[1], self.heads, -1).transpose(1, 2)


class EncoderLayer(nn.Module):
    """Self-attention and a perceptron, each after a layer norm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.self_attn = Attention(shape)
        self.self_attn_layer_norm = nn.LayerNorm(shape.width)
        self.fc1 = nn.Linear(shape.width, shape.inner)
        self.fc2 = nn.Linear(shape.inner, shape.width)
        self.final_layer_norm = nn.LayerNorm(shape.width)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """[batch, n, width] to the same."""
        normed = self.self_attn_layer_norm(x)
        return self._perceptron(x + self.self_attn(normed, normed, bias))

    def _perceptron(self, x: Tensor) -> Tensor:
        added: Tensor = self.fc2(F.gelu(self.fc1(self.final_layer_norm(x))))
        return x + added


class DecoderLayer(EncoderLayer):
    """As the encoder's, causal, with attention to what was heard in between."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.encoder_attn = Attention(shape)
        self.encoder_attn_layer_norm = nn.LayerNorm(shape.width)

    def read(self, x: Tensor, heard: Heard) -> Tensor:
        """[batch, tokens, width] to the same."""
        normed = self.self_attn_layer_norm(x)
        x = x + self.self_attn(normed, normed, causal=True)
        x = x + self.encoder_attn(self.encoder_attn_layer_norm(x), heard.states, heard.bias)
        return self._perceptron(x)

    def stray(self, x: Tensor, heard: Heard, places: Tensor, head: int) -> Tensor:
        """How much of a head's attention is away from where the next token is spoken, 0 to 1.

        As in https://arxiv.org/abs/1710.08969, but with a place for each token.

        Args:
            x: What `read` takes, [batch, tokens, width].
            heard: The encoder's output.
            places: Position of each next token, [batch, tokens]; negative where there is none.
            head: Number of the head.
        """
        normed = self.self_attn_layer_norm(x)
        x = self.encoder_attn_layer_norm(x + self.self_attn(normed, normed, causal=True))
        weights = self.encoder_attn.weights(x, heard.states, heard.bias, head)[:, :, : heard.positions]
        positions = torch.arange(heard.positions, device=x.device)
        near = torch.exp(-0.5 * ((positions - places[:, :, None]) / _STRAY_POSITIONS) ** 2)
        guided = places >= 0
        return 1 - (weights * near).sum(-1)[guided].sum() / guided.sum().clamp(min=1)


class Encoder(nn.Module):
    """Mel to states, 50 a second."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(BANDS, shape.width, 3, padding=1)
        self.conv2 = nn.Conv1d(shape.width, shape.width, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(WINDOW_POSITIONS, shape.width)
        self.embed_positions.weight.data = sinusoids(WINDOW_POSITIONS, shape.width)
        self.embed_positions.weight.requires_grad = False
        self.layers = nn.ModuleList(EncoderLayer(shape) for _ in range(shape.encoder_layers))
        self.layer_norm = nn.LayerNorm(shape.width)

    def forward(self, mel: Tensor, padding: Tensor) -> Heard:
        """Hears windows as if they were padded to 30 s.

        Args:
            mel: [batch, 80, frames], an even number of frames, 3000 at most, scaled, zeros after each window's end.
            padding: Positions, int64, that stand for those from frames / 2 to 1500; empty to leave these out.
        """
        x = self._front(mel)
        positions = x.shape[1]
        x = x + self.embed_positions.weight[:positions]
        bias = x.new_zeros(positions)
        if len(padding):
            # Far from both ends, the convolutions of zeros are the same everywhere.
            nothing = self._front(mel.new_zeros(1, BANDS, 12))[:, 3:4]
            sampled = nothing + self.embed_positions(padding)[None]
            x = torch.cat([x, sampled.to(x.dtype).expand(len(x), -1, -1)], 1)
            each = math.log((WINDOW_POSITIONS - positions) / len(padding))
            bias = torch.cat([bias, bias.new_full((len(padding),), each)])
        for layer in self.layers:
            x = layer(x, bias)
        return Heard(self.layer_norm(x), bias, positions)

    def _front(self, mel: Tensor) -> Tensor:
        return F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)


class Decoder(nn.Module):
    """States and the tokens so far to scores of the next token."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.embed_positions = nn.Embedding(_TEXT_POSITIONS, shape.width)
        self.layers = nn.ModuleList(DecoderLayer(shape) for _ in range(shape.decoder_layers))
        self.layer_norm = nn.LayerNorm(shape.width)
        nn.init.normal_(self.embed_tokens.weight, std=shape.width**-0.5)
        nn.init.normal_(self.embed_positions.weight, std=0.02)

    def forward(self, tokens: Tensor, heard: Heard) -> Tensor:
        """[batch, n] tokens to [batch, n, vocabulary] scores."""
        return self.guided(tokens, heard, None)[0]

    def guided(self, tokens: Tensor, heard: Heard, places: Tensor | None) -> tuple[Tensor, Tensor]:
        """As `forward`; also how far the guided heads stray from the places, see `DecoderLayer.stray`."""
        stray = heard.bias.new_zeros(())
        x = self.embed_tokens(tokens) + self.embed_positions.weight[: tokens.shape[1]]
        heads = dict(GUIDED_HEADS)
        for number, layer in enumerate(self.layers):
            assert isinstance(layer, DecoderLayer)
            if places is not None and number in heads:
                stray = stray + layer.stray(x, heard, places, heads[number])
            x = layer.read(x, heard)
        return F.linear(self.layer_norm(x), self.embed_tokens.weight), stray


class SmallWhisper(nn.Module):
    """Whisper and the CTC head that teaches its encoder."""

    def __init__(self, shape: Shape, first_timestamp: int | None = None) -> None:
        """Starts from random weights.

        Args:
            shape: Sizes.
            first_timestamp: Number of `<|0.00|>`; from there on, neighbouring tokens start alike.
        """
        super().__init__()
        self.shape = shape
        self.encoder = Encoder(shape)
        self.decoder = Decoder(shape)
        self.ctc = nn.Linear(shape.width, len(PHONEMES) + 1)
        if first_timestamp is not None:
            stamps = sinusoids(shape.vocabulary - first_timestamp, shape.width)
            self.decoder.embed_tokens.weight.data[first_timestamp:] = stamps * (2 / shape.width) ** 0.5

    def forward(self, mel: Tensor, padding: Tensor, tokens: Tensor, places: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Scores of the next tokens [batch, n, vocabulary] and of phonemes [batch, positions, signs + 1]; straying."""
        heard: Heard = self.encoder(mel, padding)
        scores, stray = self.decoder.guided(tokens, heard, places)
        return scores, self.ctc(heard.states[:, : heard.positions]), stray


def sinusoids(length: int, channels: int) -> Tensor:
    """Whisper's fixed positions, shape [length, channels]."""
    step = math.log(10_000) / (channels // 2 - 1)
    angles = torch.arange(length)[:, None] * torch.exp(-step * torch.arange(channels // 2))[None]
    return torch.cat([angles.sin(), angles.cos()], 1)


def sample_padding(positions: int, count: int, random: torch.Generator | None = None) -> Tensor:
    """Draws positions of the padding, one from each of `count` equal parts."""
    left = WINDOW_POSITIONS - positions
    if left <= 0 or count == 0:
        return torch.zeros(0, dtype=torch.long)
    if left <= count:
        return torch.arange(positions, WINDOW_POSITIONS)
    offsets = (torch.arange(count) + torch.rand(count, generator=random)) * (left / count)
    return positions + offsets.long().clamp(max=left - 1)
