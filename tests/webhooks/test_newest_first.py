from tests.taskrouter.scene import Scene


def test_deliveries_are_listed_oldest_first_or_newest_first_page_by_page(scene: Scene) -> None:
    http = scene.cordboard.http
    for _ in range(3):
        scene.task()
    scene.cordboard.settled()
    oldest = [each["sid"] for each in http.get("/cordboard/v1/Deliveries").json["deliveries"]]
    assert len(oldest) > 3
    url, newest = "/cordboard/v1/Deliveries?Order=desc&PageSize=2", []
    while url:
        page = http.get(url).json
        newest += [each["sid"] for each in page["deliveries"]]
        url = (page["meta"]["next_page_url"] or "").partition("//")[2].partition("/")[2]
        url = url and f"/{url}"
    assert newest == oldest[::-1]
    refused = http.get("/cordboard/v1/Deliveries", {"Order": "newest"})
    assert (refused.status, refused.json["message"]) == (400, "Invalid parameter Order: 'newest' is none of asc, desc")
