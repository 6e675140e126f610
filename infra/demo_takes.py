"""The scenes of the demo's videos: a backdrop, its figures, weather and how the camera moves."""

from encoders.training.world import actors, landscapes, scenery
from encoders.training.world.canvas import Camera, Colour, Scene, Sprite, Weather, bounce, drive, still, sway, turning

RED: Colour = (206, 40, 44)
CALM = Camera((0.94, 0.9), (0.2, 0.8))
CLOSER = Camera((1.0, 0.84), (0.5, 0.5))


def car_in_city(unit: float) -> Scene:
    """A red car drives through a wet city."""
    figure = Sprite(actors.car(unit, RED), drive((1.0, 7.1), (1.5, 0), bob=0.04, beat=2))
    return Scene(scenery.city_street(unit), (figure,), Weather("rain", 160), CALM)


def car_on_road(unit: float) -> Scene:
    """A red car drives through wet hills."""
    figure = Sprite(actors.car(unit, RED), drive((-1.0, 7.0), (2.0, 0), bob=0.05, beat=2))
    return Scene(scenery.country_road(unit), (figure,), Weather("rain", 220), Camera((0.9, 0.9), (1.0, 0.0)))


def cat_in_window(unit: float) -> Scene:
    """A cat watches the snow from a window sill."""
    figure = Sprite(actors.cat(unit, (70, 66, 72)), still(9.4, 4.8), sway(2.0))
    return Scene(scenery.window_room(unit), (figure,), camera=CLOSER)


def cat_in_snow(unit: float) -> Scene:
    """A ginger cat sits in the falling snow."""
    figure = Sprite(actors.cat(unit * 1.2, (222, 140, 64)), drive((4.6, 6.3), (0.12, 0), bob=0.04))
    return Scene(scenery.snowy_garden(unit), (figure,), Weather("snow", 170), CALM)


def lighthouse(unit: float) -> Scene:
    """A lighthouse turns its light over the sea at night."""
    light = Sprite(actors.beam(unit), still(4.4, 1.75), turning(24))
    still_camera = Camera((0.96, 0.96), (0.0, 0.0))
    return Scene(scenery.night_sea(unit), (light,), camera=still_camera)


def ship_at_night(unit: float) -> Scene:
    """A boat sails home at night."""
    boat = Sprite(actors.sailboat(unit, (200, 205, 220)), drive((2.0, 5.9), (0.8, 0), bob=0.12, beat=0.4), sway(4))
    return Scene(scenery.night_sea(unit, tower=False), (boat,), camera=CALM)


def balloons(unit: float) -> Scene:
    """Balloons rise above green hills."""
    colours: tuple[tuple[Colour, Colour], ...] = (
        ((220, 60, 60), (250, 220, 90)),
        ((60, 110, 200), (240, 240, 240)),
        ((250, 180, 40), (220, 80, 60)),
    )
    places = ((3.0, 6.0), (8.0, 7.2), (12.5, 5.4))
    figures = tuple(
        Sprite(actors.balloon(unit, *pair), drive(place, (0.16, -0.35), bob=0.08, beat=0.3), sway(3, 0.2))
        for pair, place in zip(colours, places, strict=True)
    )
    return Scene(scenery.morning_hills(unit), figures, camera=CALM)


def balloon_near(unit: float) -> Scene:
    """One balloon, close, above the clouds."""
    cloud = actors.cloud(unit)
    clouds = tuple(Sprite(cloud, drive((x, y), (-0.5, 0))) for x, y in ((4.0, 2.0), (11.0, 6.6), (16.0, 3.4)))
    near = Sprite(actors.balloon(unit * 1.8, (150, 70, 170), (250, 210, 90)), drive((6.0, 4.6), (0.3, -0.05), bob=0.1))
    return Scene(scenery.morning_hills(unit), (*clouds, near), camera=Camera((0.8, 0.9), (0.6, 0.4)))


def bakery(unit: float) -> Scene:
    """Bread and a steaming pot in a kitchen."""
    bread = Sprite(actors.loaf(unit * 1.3), still(10.0, 5.3))
    puff = Sprite(actors.steam(unit), drive((2.6, 2.6), (0.0, -0.12), bob=0.15, beat=0.5), sway(8))
    return Scene(scenery.kitchen(unit), (puff, bread), camera=CALM)


def oven(unit: float) -> Scene:
    """A closer look at the stove."""
    puff = Sprite(actors.steam(unit * 1.4), drive((6.6, 2.4), (0.1, -0.1), bob=0.2, beat=0.4), sway(10))
    return Scene(scenery.kitchen(unit), (puff,), camera=Camera((0.7, 0.6), (0.0, 0.1)))


def beach_game(unit: float) -> Scene:
    """Children play football on a beach."""
    left = Sprite(actors.child(unit, (220, 70, 70), (90, 60, 40)), bounce((4.4, 6.6), 0.25, 0.3, 0.9))
    right = Sprite(actors.child(unit, (70, 120, 210), (40, 36, 34)), bounce((12.6, 6.8), -0.2, 0.3, 0.7))
    ball = Sprite(actors.ball(unit), bounce((5.4, 7.4), 1.2, 2.2), turning(-140))
    return Scene(scenery.beach(unit), (left, right, ball), camera=CALM)


def ball_in_sea(unit: float) -> Scene:
    """The ball swims in the sea."""
    ball = Sprite(actors.ball(unit * 1.3), drive((5.0, 5.2), (0.6, 0), bob=0.2, beat=0.5), turning(-40))
    gull = Sprite(actors.bird(unit, (250, 250, 250)), drive((2.0, 2.0), (1.2, 0.05), bob=0.3, beat=0.4))
    return Scene(scenery.beach(unit), (ball, gull), camera=Camera((0.8, 0.8), (1.0, 0.6)))


def train_ride(unit: float) -> Scene:
    """A train passes below snowy mountains."""
    figure = Sprite(actors.train(unit, 4), drive((-7.0, 7.1), (2.4, 0), bob=0.02, beat=3))
    return Scene(scenery.mountains(unit), (figure,), camera=CALM)


def train_far(unit: float) -> Scene:
    """The train, small, in falling snow."""
    figure = Sprite(actors.train(unit * 0.6, 5), drive((18.0, 7.6), (-1.6, 0)))
    return Scene(scenery.mountains(unit), (figure,), Weather("snow", 120), Camera((0.9, 1.0), (0.9, 0.4)))


def fish_tank(unit: float) -> Scene:
    """Tropical fish swim among bubbles."""
    orange = Sprite(actors.fish(unit, (250, 140, 40), (255, 255, 255)), drive((0.0, 3.0), (1.3, 0), bob=0.4, beat=0.4))
    yellow = actors.fish(unit * 1.3, (250, 210, 60), (60, 60, 120), left=True)
    blue = Sprite(actors.fish(unit * 0.8, (60, 110, 220), (250, 220, 90)), drive((-2.0, 6.6), (1.0, -0.1), bob=0.3))
    swimmers = (orange, blue, Sprite(yellow, drive((15.0, 5.0), (-0.9, 0), bob=0.3, beat=0.3)))
    return Scene(scenery.aquarium(unit), swimmers, Weather("bubbles", 50), CALM)


def fish_near(unit: float) -> Scene:
    """One fish, close."""
    near = Sprite(
        actors.fish(unit * 2.6, (240, 90, 110), (255, 230, 120)), drive((3.0, 4.6), (0.9, 0), bob=0.3, beat=0.3)
    )
    return Scene(scenery.aquarium(unit), (near,), Weather("bubbles", 30), Camera((0.7, 0.7), (0.7, 0.3)))


def regatta(unit: float) -> Scene:
    """Sailing boats on a lake, for an upright frame."""
    boats = tuple(
        Sprite(actors.sailboat(unit * scale, sail), drive(place, (0.25, 0), bob=0.08, beat=0.4), sway(3))
        for scale, sail, place in ((0.6, (230, 80, 60), (0.6, 4.6)), (1.0, (250, 200, 70), (1.6, 6.2)))
    )
    return Scene(scenery.lake(unit), boats, camera=CALM)


def regatta_evening(unit: float) -> Scene:
    """A boat at sunset, for an upright frame."""
    boat = Sprite(actors.sailboat(unit * 1.2, (250, 240, 230)), drive((1.2, 6.0), (0.3, 0), bob=0.1, beat=0.3), sway(4))
    return Scene(scenery.lake(unit, evening=True), (boat,), camera=CLOSER)


def butterfly_garden(unit: float) -> Scene:
    """Butterflies above flowers."""
    flights = (
        ((250, 210, 50), (3.0, 5.0), 0.7),
        ((240, 120, 60), (9.0, 4.2), 0.5),
        ((120, 140, 230), (12.0, 6.0), -0.6),
    )
    figures = tuple(
        Sprite(actors.butterfly(unit, wings), drive(place, (speed, 0), bob=0.6, beat=0.5), sway(25, 1.2))
        for wings, place, speed in flights
    )
    return Scene(landscapes.garden(unit), figures, camera=CALM)


def flowers_near(unit: float) -> Scene:
    """One butterfly among flowers, close."""
    near = Sprite(
        actors.butterfly(unit * 1.8, (250, 210, 50)), drive((6.0, 3.8), (0.3, 0), bob=0.5, beat=0.5), sway(20)
    )
    return Scene(landscapes.garden(unit), (near,), camera=Camera((0.6, 0.6), (0.4, 0.6)))


def fireworks(unit: float) -> Scene:
    """Fireworks above a square at night."""
    bursts = (((250, 90, 90), (4.0, 2.4)), ((250, 220, 90), (8.5, 1.8)), ((110, 200, 250), (12.6, 2.8)))
    figures = tuple(
        Sprite(actors.firework(unit, fire), drive(place, (0, 0.1), bob=0.2, beat=0.4), turning(20))
        for fire, place in bursts
    )
    return Scene(landscapes.festive_square(unit), figures, Weather("sparks", 60), CALM)


def rocket_stars(unit: float) -> Scene:
    """Planets far out in space."""
    return Scene(landscapes.outer_space(unit), weather=Weather("sparks", 20), camera=Camera((0.9, 0.7), (0.2, 0.8)))


def spring(unit: float) -> Scene:
    """A forest in spring with birds."""
    birds = tuple(Sprite(actors.bird(unit), drive((x, y), (0.5, 0), bob=0.2)) for x, y in ((1.0, 2.0), (3.0, 1.4)))
    return Scene(landscapes.forest(unit, landscapes.SPRING), birds, camera=CALM)


def summer(unit: float) -> Scene:
    """A forest in summer with butterflies."""
    figure = Sprite(actors.butterfly(unit * 0.8, (250, 200, 60)), drive((3.0, 6.0), (0.2, 0), bob=0.5), sway(20))
    return Scene(landscapes.forest(unit, landscapes.SUMMER), (figure,), camera=CALM)


def autumn(unit: float) -> Scene:
    """A forest in autumn with rain."""
    return Scene(landscapes.forest(unit, landscapes.AUTUMN), weather=Weather("rain", 60), camera=CALM)


def winter(unit: float) -> Scene:
    """A forest in winter with snow."""
    return Scene(landscapes.forest(unit, landscapes.WINTER), weather=Weather("snow", 120), camera=CALM)
