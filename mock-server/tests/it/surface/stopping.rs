//! A graceful stop tells every socket.

use actix_http::ws::Message;
use futures_util::SinkExt;

use super::harness::Mock;

#[actix_web::test]
async fn a_stop_closes_sockets_with_going_away() {
    let mut mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    let served = mock.begin_stop();
    assert_eq!(socket.close_code().await, 1001);
    socket.0.send(Message::Close(None)).await.unwrap();
    drop(socket);
    served.await.unwrap().unwrap();
    assert_eq!(mock.cloud.open_sockets(), 0);
}
