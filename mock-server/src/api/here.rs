//! The cloud that a request is for: that of its tenant's world, or the only one of the app.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use crate::cloud::Cloud;
use crate::worlds::Visit;

pub(super) struct Here(pub(super) Cloud);

impl FromRequest for Here {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let of_tenant = request.extensions().get::<Visit>().map(|visit| visit.world.cloud());
        let cloud = of_tenant.unwrap_or_else(|| {
            let only = request.app_data::<web::Data<Cloud>>();
            only.unwrap_or_else(|| unreachable!("the routes carry a cloud")).as_ref().clone()
        });
        ready(Ok(Self(cloud)))
    }
}
