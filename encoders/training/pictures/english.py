"""English words for what a training scene shows."""

from __future__ import annotations

NOUNS: dict[str, tuple[tuple[str, str], ...]] = {
    "car": (("car", "cars"), ("automobile", "automobiles")),
    "bus": (("bus", "buses"),),
    "truck": (("truck", "trucks"), ("lorry", "lorries")),
    "bicycle": (("bicycle", "bicycles"), ("bike", "bikes")),
    "train": (("train", "trains"), ("steam train", "steam trains"), ("locomotive with wagons", "locomotives")),
    "cat": (("cat", "cats"), ("kitten", "kittens")),
    "dog": (("dog", "dogs"), ("puppy", "puppies")),
    "horse": (("horse", "horses"), ("pony", "ponies")),
    "child": (("child", "children"), ("boy", "boys"), ("kid", "kids")),
    "robot": (("robot", "robots"),),
    "snowman": (("snowman", "snowmen"),),
    "ball": (("ball", "balls"), ("football", "footballs"), ("soccer ball", "soccer balls")),
    "umbrella": (("umbrella", "umbrellas"),),
    "tent": (("tent", "tents"),),
    "flower": (("flower", "flowers"),),
    "house": (("house", "houses"), ("cottage", "cottages")),
    "lighthouse": (("lighthouse", "lighthouses"),),
    "bread": (("loaf of bread", "loaves of bread"), ("loaf", "loaves"), ("fresh bread", "loaves of fresh bread")),
    "sailboat": (
        ("sailing boat", "sailing boats"),
        ("sailboat", "sailboats"),
        ("yacht", "yachts"),
        ("boat", "boats"),
    ),
    "ship": (("ship", "ships"), ("steamer", "steamers"), ("ocean liner", "ocean liners")),
    "duck": (("duck", "ducks"),),
    "fish": (("fish", "fish"), ("tropical fish", "tropical fish")),
    "balloon": (("hot-air balloon", "hot-air balloons"), ("balloon", "balloons")),
    "bird": (("bird", "birds"), ("gull", "gulls")),
    "butterfly": (("butterfly", "butterflies"),),
    "plane": (("plane", "planes"), ("aeroplane", "aeroplanes"), ("airplane", "airplanes")),
    "helicopter": (("helicopter", "helicopters"),),
    "rocket": (("rocket", "rockets"), ("spaceship", "spaceships")),
    "kite": (("kite", "kites"),),
    "firework": (("firework", "fireworks"), ("burst of fireworks", "fireworks"), ("salute", "fireworks")),
}

COLOURS: dict[str, tuple[str, ...]] = {
    "red": ("red",),
    "orange": ("orange",),
    "yellow": ("yellow",),
    "green": ("green",),
    "blue": ("blue",),
    "purple": ("purple", "violet"),
    "pink": ("pink",),
    "white": ("white",),
    "black": ("black",),
    "grey": ("grey", "gray"),
    "brown": ("brown",),
    "mixed": ("colourful", "colorful", "different"),
}
GINGER = ("ginger", "orange", "red-haired")
"""An orange coat."""

VERBS: dict[str, tuple[tuple[str, str], ...]] = {
    "car": (("drives", "drive"), ("is driving", "are driving"), ("rides", "ride")),
    "bus": (("drives", "drive"), ("is driving", "are driving")),
    "truck": (("drives", "drive"), ("is driving", "are driving")),
    "bicycle": (("stands", "stand"), ("rides", "ride")),
    "train": (("runs", "run"), ("passes", "pass"), ("is passing", "are passing")),
    "cat": (("sits", "sit"), ("is sitting", "are sitting")),
    "dog": (("stands", "stand"), ("walks", "walk")),
    "horse": (("stands", "stand"), ("is grazing", "are grazing")),
    "child": (("plays", "play"), ("is playing", "are playing")),
    "robot": (("stands", "stand"), ("walks", "walk")),
    "snowman": (("stands", "stand"),),
    "ball": (("lies", "lie"), ("rolls", "roll")),
    "umbrella": (("stands", "stand"),),
    "tent": (("stands", "stand"),),
    "flower": (("grows", "grow"), ("blooms", "bloom")),
    "house": (("stands", "stand"),),
    "lighthouse": (("stands", "stand"), ("shines", "shine")),
    "bread": (("lies", "lie"),),
    "sailboat": (("sails", "sail"), ("is sailing", "are sailing")),
    "ship": (("sails", "sail"), ("is sailing", "are sailing")),
    "duck": (("swims", "swim"), ("is swimming", "are swimming")),
    "fish": (("swims", "swim"), ("is swimming", "are swimming")),
    "balloon": (("flies", "fly"), ("is floating", "are floating"), ("is rising", "are rising")),
    "bird": (("flies", "fly"), ("is flying", "are flying")),
    "butterfly": (("flies", "fly"), ("is flying", "are flying"), ("flutters", "flutter")),
    "plane": (("flies", "fly"), ("is flying", "are flying")),
    "helicopter": (("flies", "fly"), ("hovers", "hover")),
    "rocket": (("flies", "fly"), ("is flying", "are flying")),
    "kite": (("flies", "fly"), ("is flying", "are flying")),
    "firework": (("bursts", "burst"), ("is exploding", "are exploding")),
}

ACTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "jumping": (("jumps", "jump"), ("is jumping", "are jumping"), ("leaps into the air", "leap into the air")),
    "upside down": (("lies upside down", "lie upside down"), ("is upside down", "are upside down")),
    "rising": (("takes off", "take off"), ("is taking off", "are taking off"), ("climbs", "climb")),
    "descending": (("lands", "land"), ("is landing", "are landing"), ("descends", "descend")),
}

PLACES: dict[str, tuple[str, ...]] = {
    "city": ("in the city", "in a city street", "in the town", "on the street"),
    "country road": ("on a country road", "on the road between hills", "on the road"),
    "snowy garden": ("in a snowy garden", "by a house in the snow", "in the winter garden"),
    "room": ("by the window", "at the window", "in a room with a window", "on the window sill"),
    "sea": ("at sea", "on the sea", "in the open sea", "on the ocean"),
    "valley": ("in a green valley", "among green hills", "by the river", "in the hills"),
    "kitchen": ("in the kitchen", "in a bakery", "on the kitchen table"),
    "oven": ("at the stove", "by the oven", "at the kitchen stove"),
    "beach": ("on the beach", "on the sand by the sea", "on the sea shore"),
    "mountains": ("in the mountains", "among snowy mountains", "below the mountain peaks"),
    "aquarium": ("in an aquarium", "in the aquarium", "under water", "in a fish tank"),
    "lake": ("on the lake", "at the lake", "on a calm lake"),
    "garden": ("in the garden", "among flowers", "in a flower garden", "by the garden fence"),
    "spring": ("in the spring forest", "in the woods in spring", "in a blossoming forest"),
    "summer": ("in the summer forest", "in the green forest", "in the woods in summer"),
    "autumn": ("in the autumn forest", "among yellow autumn trees", "in the woods in autumn"),
    "winter": ("in the winter forest", "among bare trees in winter", "in the snowy woods"),
    "square": ("in a festive square", "over the city square", "on the town square"),
    "space": ("in space", "in outer space", "among stars and planets"),
    "desert": ("in the desert", "among dunes and cactuses", "in a sandy desert"),
    "meadow": ("in a field", "in a corn field", "in a wheat field"),
    "pitch": ("on a football pitch", "in the stadium", "at the stadium"),
    "sky": ("in the sky", "above the clouds", "among the clouds"),
}
PLACE_NAMES: dict[str, tuple[str, ...]] = {
    "city": ("city", "street", "town houses"),
    "country road": ("country road", "road"),
    "snowy garden": ("snowy garden", "house in the snow"),
    "room": ("window", "room with a window", "room"),
    "sea": ("sea", "ocean", "waves"),
    "valley": ("green hills", "valley", "river"),
    "kitchen": ("kitchen", "bakery"),
    "oven": ("oven", "stove", "steam above the stove"),
    "beach": ("beach", "sand and a palm tree", "sea shore"),
    "mountains": ("mountains", "snowy peaks"),
    "aquarium": ("aquarium", "fish tank", "water plants"),
    "lake": ("lake", "calm water"),
    "garden": ("garden", "flowers", "garden fence"),
    "spring": ("spring forest", "forest in spring", "spring"),
    "summer": ("summer forest", "forest in summer", "green forest"),
    "autumn": ("autumn forest", "forest in autumn", "yellow leaves"),
    "winter": ("winter forest", "forest in winter", "bare trees in the snow"),
    "square": ("festive square", "town square", "towers and garlands"),
    "space": ("space", "planets", "stars and planets", "planet"),
    "desert": ("desert", "dunes", "cactuses"),
    "meadow": ("field", "wheat field", "corn field"),
    "pitch": ("football pitch", "stadium"),
    "sky": ("sky", "clouds"),
}

WEATHERS: dict[str, tuple[str, ...]] = {
    "clear": ("in clear weather", "in fine weather"),
    "rain": ("in the rain", "in heavy rain", "on a rainy day", "while it rains", "under the rain"),
    "snow": ("in falling snow", "while it snows", "in the snowfall", "in the snow"),
    "fog": ("in the fog", "in thick fog", "in the mist"),
    "storm": ("in a thunderstorm", "during a thunderstorm", "under a flash of lightning", "in a storm with lightning"),
}
WEATHER_NAMES = {
    "rain": ("rain", "downpour", "rainy weather"),
    "snow": ("snowfall", "falling snow"),
    "fog": ("fog", "mist"),
    "storm": ("thunderstorm", "lightning"),
}
LIGHT_NAMES = {"evening": ("evening", "sunset", "dusk"), "night": ("night", "moon")}
LIGHTS: dict[str, tuple[str, ...]] = {
    "day": ("by day", "in the daytime", "in daylight"),
    "evening": ("in the evening", "at sunset", "at dusk"),
    "night": ("at night", "by night", "in the night", "under the moon"),
}
DISTANCES: dict[str, tuple[str, ...]] = {
    "near": ("close up", "seen from nearby", "in close-up"),
    "far": ("far away", "in the distance", "seen from afar"),
}
NUMBERS = {2: "two", 3: "three", 4: "four"}
TEXTS = ("the word {}", "with the text {}", "the title {}", "the caption {}", "it says {}", "with the words {}")
OPENINGS = ("a video of", "a picture of", "we see", "there is", "a scene with", "a film with")
"""What may stand before a caption, and says nothing."""
