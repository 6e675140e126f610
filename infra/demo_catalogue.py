"""What the demo's videos show and say, what their publishers add, and what is asked afterwards.

The English sentences are those that pocketsphinx was found to hear well when espeak-ng speaks them.
"""

from dataclasses import dataclass

from encoders.training.voices import Voice
from encoders.training.world.canvas import Size
from infra import demo_takes as takes
from infra.demo_film import Film, Line, Take

EDWARD = Voice("en-us+edward", words_per_minute=130, pitch=50, word_gap=1)
FIONA = Voice("en-us+f2", words_per_minute=165, pitch=30, word_gap=1)
IVAN = Voice("ru+m3", words_per_minute=140, pitch=45)
OLGA = Voice("ru+f2", words_per_minute=145, pitch=50)


def said(voice: Voice, *sentences: str) -> tuple[Line, ...]:
    """One speaker says these sentences."""
    return tuple(Line(sentence, voice) for sentence in sentences)


def films() -> tuple[Film, ...]:
    """Lists the demo's videos; the longest first, because it takes longest to render."""
    return (four_seasons(), *english_films(), *special_films(), *russian_films())


def four_seasons() -> Film:
    """A film of more than three minutes, small so that it costs little."""
    spring = said(
        EDWARD,
        "In spring the birds come back to the forest.",
        "We can hear the music of the orchestra in the park.",
    )
    summer = said(EDWARD, "In summer the days are long and warm.", "Tomorrow morning we will travel to the island.")
    autumn = said(
        EDWARD,
        "The teacher is reading a story to the children.",
        "The museum is showing paintings from the seventeenth century.",
    )
    winter = said(EDWARD, "In winter the river is frozen and the animals are sleeping.")
    seasons = (
        Take(takes.spring, spring, 51.0),
        Take(takes.summer, summer, 51.0),
        Take(takes.autumn, autumn, 51.0),
        Take(takes.winter, winter, 51.0),
    )
    return Film("four-seasons.mp4", seasons, "eng", size=Size(320, 180), frames_per_second=6)


def english_films() -> tuple[Film, ...]:
    """Ordinary films with an English narration."""
    car = (
        Take(takes.car_in_city, said(EDWARD, "A red car stops at the traffic light in the rain.")),
        Take(takes.car_on_road, said(FIONA, "The rain is getting heavy and the driver turns on the lights.")),
    )
    lighthouse = (
        Take(takes.lighthouse, said(FIONA, "The lighthouse keeper turns on the light every evening.")),
        Take(takes.ship_at_night, said(EDWARD, "The sailors can see the light from many miles away.")),
    )
    football = (
        Take(takes.beach_game, said(EDWARD, "The boys are playing football on the beach.")),
        Take(takes.ball_in_sea, said(EDWARD, "The ball rolled into the water and the game was over.")),
    )
    return (
        Film("red-car-in-the-rain.mp4", car, "eng"),
        Film("lighthouse-at-night.mp4", lighthouse, "eng"),
        Film("football-on-the-beach.mp4", football, "eng"),
    )


def special_films() -> tuple[Film, ...]:
    """Other containers and codecs, a start offset, sound without a picture, a picture without sound."""
    balloons = (
        Take(takes.balloons, said(EDWARD, "Seven balloons are rising into the morning sky.")),
        Take(takes.balloon_near, said(FIONA, "The wind carries the balloon across the valley.")),
    )
    train = (
        Take(takes.train_ride, said(FIONA, "The old train is crossing the bridge over the river.")),
        Take(takes.train_far, said(FIONA, "The train to the mountains leaves at seven in the morning.")),
    )
    garden = (
        Take(takes.flowers_near, said(EDWARD, "The butterfly is sitting on a yellow flower.")),
        Take(takes.butterfly_garden, said(EDWARD, "The bees are visiting the flowers in the garden.")),
    )
    news = said(
        EDWARD,
        "The government will build a new hospital next year.",
        "The price of bread and milk has gone up again.",
        "The city will open a new library in September.",
        "Scientists have discovered a new planet.",
    )
    aquarium = (Take(takes.fish_tank, (), 7.0), Take(takes.fish_near, (), 6.0))
    return (
        Film("balloons.webm", balloons, "eng", picture_codec="libvpx-vp9", sound_codec="libopus"),
        Film("mountain-train.mkv", train, "eng", sound_codec="libopus"),
        Film("garden.mp4", garden, "eng", start_seconds=2.5),
        Film("radio-news.mp4", (Take(takes.rocket_stars, news),), "eng", picture_codec=None),
        Film("aquarium.mp4", aquarium, None),
    )


def russian_films() -> tuple[Film, ...]:
    """Films with a Russian narration, one of them upright."""
    cat = (
        Take(takes.cat_in_window, said(OLGA, "Чёрная кошка сидит у окна и смотрит на снег.")),
        Take(takes.cat_in_snow, said(OLGA, "Рыжий кот вышел погулять в зимний сад.")),
    )
    bakery = (
        Take(takes.bakery, said(IVAN, "Сегодня мы печём свежий хлеб на нашей кухне.")),
        Take(takes.oven, said(IVAN, "Тесто стоит в тёплой печи сорок минут.")),
    )
    regatta = (
        Take(takes.regatta, said(IVAN, "На озере началась большая парусная гонка.")),
        Take(takes.regatta_evening, said(OLGA, "Вечером белый парус возвращается к берегу.")),
    )
    fireworks = (
        Take(takes.fireworks, said(OLGA, "Над городской площадью гремит праздничный салют.")),
        Take(takes.rocket_stars, said(IVAN, "Учёные открыли новую планету.")),
    )
    return (
        Film("cat-in-the-snow.mp4", cat, "rus"),
        Film("bakery.mp4", bakery, "rus"),
        Film("regatta.mp4", regatta, "rus", size=Size(360, 640), upright=True),
        Film("fireworks.mp4", fireworks, "rus"),
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """What a publisher says of a video in an event of its own."""

    film: str
    external_id: str
    title: str
    description: str


def notices() -> tuple[Notice, ...]:
    """Lists the two events that the demo publishes itself."""
    return (
        Notice(
            "aquarium.mp4",
            "demo-aquarium",
            "Tropical fish in a quiet aquarium",
            "Clown fish and angelfish among water plants; the video has no sound.",
        ),
        Notice(
            "lighthouse-at-night.mp4",
            "demo-mayak",
            "Старый маяк на северном берегу",
            "Смотритель зажигает огонь, и корабли находят дорогу домой.",
        ),
    )


SHOWN = "picture_vector"


@dataclass(frozen=True, slots=True)
class Question:
    """A query of the demo, why it is asked, the video that must come first, and the leg that must find it."""

    text: str
    kind: str
    film: str
    leg: str | None = None


def questions() -> tuple[Question, ...]:
    """Lists what the demo asks; the encoders at hand can answer all of it."""
    return (
        Question("boys playing football on the beach", "spoken in English", "football-on-the-beach.mp4"),
        Question("driver turns on the lights in heavy rain", "spoken in English", "red-car-in-the-rain.mp4"),
        Question(
            "the river is frozen and the animals are sleeping", "spoken, in the fourth minute", "four-seasons.mp4"
        ),
        Question("price of bread and milk", "spoken, sound without a picture", "radio-news.mp4"),
        Question("butterfly on a yellow flower", "spoken, with a start offset", "garden.mp4"),
        Question("новая планета", "spoken in Russian", "fireworks.mp4"),
        Question("свежий хлеб на кухне", "spoken in Russian", "bakery.mp4"),
        Question("tropical fish", "titled in English, silent", "aquarium.mp4"),
        Question("старые маяки на севере", "titled in Russian", "lighthouse-at-night.mp4"),
        Question(
            "маяк sailors many miles away", "mixed: a Russian title and English speech", "lighthouse-at-night.mp4"
        ),
        *visual_questions(),
    )


def visual_questions() -> tuple[Question, ...]:
    """Lists what is asked about pictures, in the language that nobody speaks in that film."""
    english, russian = "shown, asked in English", "shown, asked in Russian"
    return (
        Question("sailing boats on a lake", english, "regatta.mp4", SHOWN),
        Question("a black cat at the window", english, "cat-in-the-snow.mp4", SHOWN),
        Question("fireworks in the night sky", english, "fireworks.mp4", SHOWN),
        Question("красная машина под дождём", russian, "red-car-in-the-rain.mp4", SHOWN),
        Question("воздушные шары над холмами", russian, "balloons.webm", SHOWN),
        Question("рыбки в аквариуме", russian, "aquarium.mp4", SHOWN),
    )
