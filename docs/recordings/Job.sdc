[JobStarted]
DateTimeStamp=02/03/2026,06:00:30
Job=MO-2001, 1
ArticleKey=WIRE-BLUE-40
JobRequestedPieces=120

[JobTerminated]
DateTimeStamp=02/03/2026,06:20:41
Job=MO-2001, 1
ArticleKey=WIRE-BLUE-40
JobRequestedPieces=120
TotalGoodPieces=120

[JobStarted]
DateTimeStamp=02/03/2026,06:22:28
Job=MO-2001, 2
ArticleKey=WIRE-RED-40
JobRequestedPieces=120

[JobTerminated]
DateTimeStamp=02/03/2026,06:42:27
Job=MO-2001, 2
ArticleKey=WIRE-RED-40
JobRequestedPieces=120
TotalGoodPieces=120

[JobStarted]
DateTimeStamp=02/03/2026,06:44:50
Job=MO-2002, 1
ArticleKey=WIRE-BLUE-75
JobRequestedPieces=60

[JobInterrupted]
DateTimeStamp=02/03/2026,06:54:01
Job=MO-2002, 1
ArticleKey=WIRE-BLUE-75

[JobRestarted]
DateTimeStamp=02/03/2026,07:06:48
Job=MO-2002, 1
ArticleKey=WIRE-BLUE-75

[JobTerminated]
DateTimeStamp=02/03/2026,07:09:47
Job=MO-2002, 1
ArticleKey=WIRE-BLUE-75
JobRequestedPieces=60
TotalGoodPieces=60

[JobStarted]
DateTimeStamp=02/03/2026,07:11:10
Job=LOCAL(1), 1
ArticleKey=WIRE-BLUE-40
JobRequestedPieces=5

[JobTerminated]
DateTimeStamp=02/03/2026,07:11:21
Job=LOCAL(1), 1
ArticleKey=WIRE-BLUE-40
JobRequestedPieces=5
TotalGoodPieces=5

[JobStarted]
DateTimeStamp=02/03/2026,07:13:08
Job=MO-2003, 1
ArticleKey=WIRE-BLACK-20
JobRequestedPieces=400

[JobTerminated]
DateTimeStamp=02/03/2026,07:38:07
Job=MO-2003, 1
ArticleKey=WIRE-BLACK-20
JobRequestedPieces=400
TotalGoodPieces=150

[JobStarted]
DateTimeStamp=02/03/2026,07:41:30
Job=MO-2003, 1
ArticleKey=WIRE-BLACK-20
JobRequestedPieces=400

[JobTerminated]
DateTimeStamp=02/03/2026,08:22:41
Job=MO-2003, 1
ArticleKey=WIRE-BLACK-20
JobRequestedPieces=400
TotalGoodPieces=250

