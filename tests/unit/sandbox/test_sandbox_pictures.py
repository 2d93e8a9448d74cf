"""The pretend shop shows pictures of its articles, and the phone what was sent to it."""

from sandbox_play import AUTH, Play, run

from integration.domain.templates.media import checked


def test_an_articles_picture_is_one_that_whatsapp_takes() -> None:
    async def play(play: Play) -> None:
        item = next(iter(play.stage.woocommerce.items.values()))
        answer = await play.client.get(f"/woocommerce/wp-content/uploads/{item.sku.lower()}.jpg")
        assert answer.status_code == 200 and checked(answer.content).mime == "image/jpeg"
        assert (await play.client.get("/woocommerce/wp-content/uploads/nothing.jpg")).status_code == 404

    run(play)


def test_the_phone_shows_a_picture_by_its_id_and_nothing_else() -> None:
    async def play(play: Play) -> None:
        picture = play.stage.graph.media.add(b"\x89PNG\r\n\x1a\n", "image/png")
        paper = play.stage.graph.media.add(b"%PDF-1.7", "application/pdf")
        assert (await play.client.get(f"/stage/media/{picture}")).status_code == 200
        for other in (paper, "7"):
            assert (await play.client.get(f"/stage/media/{other}", headers=AUTH)).status_code == 404

    run(play)
